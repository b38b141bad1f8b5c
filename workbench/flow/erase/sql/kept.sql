-- Contract: the rows of {{source}} but those in $gone and $changed, and the changed ones as the spool
-- {{spool}} has them, under the import id {{import_id}}, in line order. Wide rows are sorted: kept-as-is.sql need not.
copy (
  select * replace ({{import_id}} as import_id)
  from (
    from read_parquet({{source}})
    where row_key::varchar not in (select unnest($gone::varchar[]))
      and row_key::varchar not in (select unnest($changed::varchar[]))
    union all by name
    from read_json({{spool}}, format = 'newline_delimited', maximum_object_size = 67108864, columns = {{columns}})
  )
  order by line_no, part
) to {{target}} (format parquet, compression zstd, compression_level 1, row_group_size 20480);
