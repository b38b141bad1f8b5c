-- Contract: `unit_group` (units of each arm in at most $groups groups) and `quantile_value`: every value of one metric since exposure.
create or replace temp table unit_group as
select id, arm, (row_number() over (partition by arm order by id) - 1)::INTEGER % $groups as "group"
from unit
where id in (select id from unit_metric where metric = $metric) and stage <= $most_stage;

create or replace temp table quantile_value as
select g.arm as arm, g."group" as "group", l.{{metric}}::BIGINT as value
from logged l join unit u on l.unit = u.unit join unit_group g using (id)
where l.called_at >= u.first_at and (u.left_at is null or l.called_at < u.left_at) and l.called_at < $until::TIMESTAMPTZ and l.{{metric}} is not null
