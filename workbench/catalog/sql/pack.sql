-- Contract: all rows of {{files}}, in their order, become one Parquet file {{target}}.
copy (from read_parquet({{files}}))
to {{target}} (format parquet, compression zstd, compression_level 1, row_group_size 20480);
