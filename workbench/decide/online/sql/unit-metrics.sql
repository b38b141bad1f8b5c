-- Contract: `unit_wide` (rows per unit around its first exposure) and `unit_metric` (per unit and metric: sum n and count d since it, p and q in the days before it).
-- One group per unit and side of its exposure: plain sums are several times cheaper than sums with a filter each.
create temp table unit_side as
select id, side, count(*) as calls, {{sums}}
from (
  select
    u.id as id,
    case
      when l.called_at >= u.left_at then 'left'
      when l.called_at >= u.first_at then 'after'
      when l.called_at >= u.first_at - interval 1 day then 'day'
      else 'before'
    end as side,
    l.*
  from logged l join unit u on l.unit = u.unit
  where l.called_at < $until::TIMESTAMPTZ and l.called_at >= u.first_at - to_seconds(greatest($pre_seconds, 86400))
)
group by id, side;

create temp table unit_wide as
select
  id,
  coalesce(sum(calls) filter (side in ('after', 'left')), 0)::BIGINT as after_rows,
  coalesce(sum(calls) filter (side = 'day'), 0)::BIGINT as just_before
from unit_side
group by id;

create temp table unit_metric as
select
  id, metric,
  coalesce(sum(n) filter (side = 'after'), 0)::BIGINT as n, coalesce(sum(d) filter (side = 'after'), 0)::BIGINT as d,
  coalesce(sum(n) filter (side in ({{pre}})), 0)::BIGINT as p, coalesce(sum(d) filter (side in ({{pre}})), 0)::BIGINT as q
from (select id, side, m.metric as metric, m.n as n, m.d as d from (select id, side, unnest({{list}}) as m from unit_side))
group by id, metric
having sum(d) filter (side = 'after') > 0
