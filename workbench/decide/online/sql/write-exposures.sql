-- Contract: the exposures of the spool $spool, all columns pinned and in line order, become one Parquet file.
copy (
  select * from read_json($spool, format = 'newline_delimited', columns = {{columns}})
  order by line_no
) to {{target}} (format parquet, compression zstd)
