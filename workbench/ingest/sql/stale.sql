-- Contract: `stale` holds the place of each spooled row that is not loaded: an earlier import has it, its person was
-- erased ($erased), or an earlier line has it. Keys are joined to the spool, so that one line does not build a table of all.
create or replace temp table stale as
with firsts as (
  select row_key, min(place) as place from spooled group by row_key
),
known as (
  select row_key from firsts join (
    select row_key from keys union all select unnest($erased::varchar[])::uuid
  ) as stored using (row_key)
)
select spooled.kind, spooled.line_no, spooled.place
from spooled join firsts using (row_key)
where spooled.place > firsts.place or spooled.row_key in (select row_key from known);
