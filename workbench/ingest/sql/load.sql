-- Contract: the rows of the spool $spool that are not stale, all columns pinned and in line order, become one Parquet file.
copy (
  select spool.* replace ($import_id as import_id)
  from read_json(
    $spool,
    format = 'newline_delimited',
    maximum_object_size = $longest,
    columns = {{columns}}
  ) as spool
  {{fresh}}
) to {{target}} (format parquet, compression zstd, compression_level 1, row_group_size 20480);
