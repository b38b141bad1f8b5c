-- Contract: bucket, arm number and arm of each text in $units, the same values as assign.ts, for a warehouse to use.
select
  unit,
  ('0x' || sha256($salt || ':' || unit)[1:16])::UBIGINT % 10000 as bucket,
  ('0x' || sha256($salt || ':arm:' || unit)[1:16])::UBIGINT % 10000 as arm_number,
  case
    when ('0x' || sha256($salt || ':' || unit)[1:16])::UBIGINT % 10000 >= $buckets_below then null
    when ('0x' || sha256($salt || ':arm:' || unit)[1:16])::UBIGINT % 10000 >= $candidate_from then 'candidate'
    else 'baseline'
  end as arm
from (select unnest($units) as unit)
