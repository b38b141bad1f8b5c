-- Contract: of each kind of spooled rows, how many there are and how many of them are stale.
select kind, sum(spooled)::integer as spooled, sum(stale)::integer as stale
from (
  select kind, 1 as spooled, 0 as stale from spooled
  union all
  select kind, 0, 1 from stale
)
group by kind
order by kind;
