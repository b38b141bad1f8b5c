-- Contract: what the written files ({{written}}) hold: records, by their lines, and rows of each kind.
select
  count(distinct line_no)::integer as stored,
  count(*) filter (kind = 'i')::integer as interactions,
  count(*) filter (kind = 'f')::integer as feedback
from ({{written}});
