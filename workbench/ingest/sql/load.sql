-- Contract: the fresh rows of the spool $spool, all columns pinned and in line order, become one Parquet file.
copy (
  select spool.* replace ($import_id as import_id)
  from read_json(
    $spool,
    format = 'newline_delimited',
    maximum_object_size = 67108864,
    columns = {{columns}}
  ) as spool
  where (spool.line_no, spool.part) in (select (line_no, part) from fresh where kind = $kind)
) to {{target}} (format parquet, compression zstd, row_group_size 20480);
