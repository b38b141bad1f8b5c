-- Contract: `fresh` holds each spooled row once, by its first place, that no earlier import has. Narrow on purpose.
create temp table fresh as
with firsts as (
  select row_key, min_by({'kind': kind, 'line_no': line_no, 'part': part}, line_no * 1000000 + part) as place
  from spooled
  group by row_key
)
select place.kind as kind, place.line_no as line_no, place.part as part
from firsts
where not exists (from earlier where earlier.row_key = firsts.row_key);
