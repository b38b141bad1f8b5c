-- Contract: `unit_wide` (rows per unit around its first exposure) and `unit_metric` (per unit and metric: sum n and count d since it, p and q in the days before it).
create temp table unit_wide as
select
  u.id,
  count(*) filter (l.called_at >= u.first_at) as after_rows,
  count(*) filter (l.called_at < u.first_at and l.called_at >= u.first_at - interval 1 day) as just_before,
  {{sums}}
from logged l join unit u on l.unit = u.unit
where l.called_at < $until::TIMESTAMPTZ and l.called_at >= u.first_at - to_seconds(greatest($pre_seconds, 86400))
group by u.id;

create temp table unit_metric as
select id, m.metric as metric, m.n as n, m.d as d, m.p as p, m.q as q
from (select id, unnest({{list}}) as m from unit_wide)
where m.d > 0
