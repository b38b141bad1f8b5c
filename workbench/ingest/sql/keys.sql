-- Contract: the keys of the spooled rows ($keys, our own CSV) become the table `spooled`; nothing is inferred.
create temp table spooled as
select kind, row_key, line_no, part
from read_csv(
  $keys,
  auto_detect = false,
  header = false,
  delim = ',',
  quote = '',
  columns = {'kind': 'VARCHAR', 'row_key': 'UUID', 'line_no': 'BIGINT', 'part': 'INTEGER'}
);
