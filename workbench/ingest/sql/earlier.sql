-- Contract: `earlier` gains the row keys of the finished Parquet files in $files.
insert into earlier select row_key from read_parquet($files);
