-- One staged JSON Lines file to Parquet: pinned columns, the order of the lines, fixed row groups.
copy (
  from read_json(
    {{source}},
    format = 'newline_delimited',
    columns = {{columns}},
    maximum_object_size = 67108864
  )
) to {{target}} (format parquet, compression zstd, row_group_size 20480);
