-- Contract: rows of {{files}} in whose texts one of the names may stand, with their JSON. The condition itself is not
-- named in this comment: what a person is called may hold the end of a line.
select import_id, row_key::varchar as row_key, to_json(r)::varchar as json
from {{files}} as r
where {{names}};
