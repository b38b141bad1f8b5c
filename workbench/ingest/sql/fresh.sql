-- Contract: `stale` holds the place of each spooled row that is not loaded: an earlier import has it, or an earlier line.
create temp table stale as
with firsts as (
  select row_key, min(place) as place from spooled group by row_key
)
select spooled.kind, spooled.line_no, spooled.place
from spooled join firsts using (row_key)
where spooled.place > firsts.place or exists (from earlier where earlier.row_key = spooled.row_key);
