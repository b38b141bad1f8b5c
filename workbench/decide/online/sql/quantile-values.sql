-- Contract: `unit_group` (units of each arm in at most $groups groups) and `quantile_value`: every value of one metric since exposure, eleven bytes each.
create or replace temp table unit_group as
select unit, first_at, left_at, arm::ENUM('baseline', 'candidate') as arm,
  ((row_number() over (partition by arm order by id) - 1) % $groups)::USMALLINT as "group"
from unit
where id in (select id from unit_metric where metric = $metric) and stage <= $most_stage;

create or replace temp table quantile_value as
select g.arm as arm, g."group" as "group", l.{{metric}}::BIGINT as value
from logged l join unit_group g on l.unit = g.unit
where l.called_at >= g.first_at and (g.left_at is null or l.called_at < g.left_at) and l.called_at < $until::TIMESTAMPTZ and l.{{metric}} is not null
