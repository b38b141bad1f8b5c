-- Contract: `unit_side` (per unit and side of its exposure: calls, sums and counts), `unit_wide` (calls per unit around its first exposure) and `unit_metric` (per unit and metric: sum n and count d since it, p and q in the days before it).
-- Sides: 0 earlier, 1 the day before the exposure, 2 since it, 3 since the unit left the test. One group per side: plain sums
-- are several times cheaper than sums with a filter each, and microseconds than the calendar's arithmetic.
create temp table unit_side as
select id, side, count(*) as calls, {{sums}}
from (
  select
    u.id as id,
    case
      when l.called_us >= u.left_us then 3
      when l.called_us >= u.first_us then 2
      when l.called_us >= u.first_us - 86400000000 then 1
      else 0
    end::UTINYINT as side,
    l.*
  from (select *, epoch_us(called_at) as called_us from logged) as l
  join (select id, unit, epoch_us(first_at) as first_us, epoch_us(left_at) as left_us from unit) as u on l.unit = u.unit
  where l.called_us < epoch_us($until::TIMESTAMPTZ)
    and l.called_us >= u.first_us - greatest($pre_seconds, 86400)::BIGINT * 1000000
)
group by id, side;

create temp table unit_wide as
select
  id,
  coalesce(sum(calls) filter (side >= 2), 0)::BIGINT as after_rows,
  coalesce(sum(calls) filter (side = 1), 0)::BIGINT as just_before,
  {{wide}}
from unit_side
group by id;

create temp view unit_metric as {{metrics}}
