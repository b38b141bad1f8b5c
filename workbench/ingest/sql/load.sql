-- Contract: the rows of the spool $spool that are not stale, in line order, become one Parquet file.
copy (
  from read_parquet($spool)
  where line_no * 4294967296 + part not in (select place from stale)
) to {{target}} (format parquet, compression zstd, compression_level 1, row_group_size 20480);
