-- Contract: `exposure` (this experiment's, before $until) and `unit` (one row each, as first exposed); ids follow the unit's text.
create temp table exposure as
select unit, arm, bucket, stage, exposed_at, fallback, slices, as_hashed
from {{exposures}}
where experiment = $experiment and exposed_at >= $starts_at::TIMESTAMPTZ and exposed_at < $until::TIMESTAMPTZ;

-- Beyond the last test stage units of the baseline move over: what they do from then on (`left_at`) is no test.
create temp table unit as
select
  (row_number() over (order by unit))::INTEGER as id,
  unit, first.arm as arm, first.stage as stage, first.seen as first_at, first.slices as slices,
  arms, fallbacks, left_at, candidate_from
from (
  select
    unit,
    arg_min({'arm': arm, 'stage': stage, 'seen': exposed_at, 'slices': slices}, {'seen': exposed_at, 'arm': arm, 'stage': stage, 'slices': slices}) as first,
    count(distinct arm) filter (stage <= $most_stage)::INTEGER as arms,
    count(*) filter (fallback)::INTEGER as fallbacks,
    min(exposed_at) filter (stage > $most_stage) as left_at,
    min(exposed_at) filter (arm = 'candidate') as candidate_from
  from exposure
  group by unit
);
