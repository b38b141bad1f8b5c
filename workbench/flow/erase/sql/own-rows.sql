-- Contract: where the rows $mine lie in {{files}}. Narrow columns are read.
select import_id, row_key::varchar as row_key, line_no::integer as line
from {{files}}
where row_key::varchar in (select unnest($mine::varchar[]));
