-- Contract: units that are also in an experiment that ran at the same time, by this arm and that one.
select other.experiment as experiment, unit.arm as arm, other.arm as other, count(*) as units
from unit join (
  select experiment, unit, arg_min(arm, {'seen': exposed_at, 'arm': arm}) as arm
  from {{exposures}}
  where experiment <> $experiment and exposed_at >= $starts_at::TIMESTAMPTZ and exposed_at < $until::TIMESTAMPTZ
  group by experiment, unit
) as other using (unit)
group by other.experiment, unit.arm, other.arm
order by all
