-- Contract: `known`, the records of which every row is stale.
select count(*)::integer as known
from (
  select line_no from stale group by line_no
  except
  select line_no from spooled where place not in (select place from stale)
);
