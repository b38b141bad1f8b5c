-- Contract: the rows of {{source}} but those in $gone under the import id {{import_id}}, in the order they are in.
copy (
  select * replace ({{import_id}} as import_id)
  from read_parquet({{source}})
  where row_key not in (select unnest($gone::varchar[])::uuid)
) to {{target}} (format parquet, compression zstd, compression_level 1, row_group_size 20480);
