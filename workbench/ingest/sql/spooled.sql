-- Contract: the keys of the spooled rows ($keys, our own CSV) become the table `spooled`; nothing is inferred.
-- A place is line and part in one number, in the order of the file.
create or replace temp table spooled as
select kind, row_key, line_no, line_no * 4294967296 + part as place
from read_csv(
  $keys,
  auto_detect = false,
  header = false,
  delim = ',',
  quote = '',
  columns = {'kind': 'VARCHAR', 'row_key': 'UUID', 'line_no': 'BIGINT', 'part': 'INTEGER'}
);
