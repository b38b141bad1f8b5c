-- Contract: the rows of {{source}} but those in $gone and $changed, and the changed ones as the spool
-- {{spool}} has them, under the import id {{import_id}}, in line order.
copy (
  select * replace ({{import_id}} as import_id)
  from (
    from read_parquet({{source}})
    where not list_contains($gone::varchar[], row_key::varchar)
      and not list_contains($changed::varchar[], row_key::varchar)
    union all by name
    from read_json({{spool}}, format = 'newline_delimited', maximum_object_size = 67108864, columns = {{columns}})
  )
  order by line_no, part
) to {{target}} (format parquet, compression zstd, row_group_size 20480);
