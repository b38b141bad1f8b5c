-- Contract: one row per kind of feedback: signals, those with a value, orphans, and sums over people (value in millionths) for the
-- interval of the mean. A query is no feedback until it is a reformulation.
with given as (
  select person, signal.kind as kind, signal.value as value, false as orphan
  from (
    select hash({{person}}) as person, unnest(feedback) as signal
    from interactions
  )
  union all
  select coalesce(person, hash(row_key)), kind, value, interaction_id is null
  from (from late_feedback where kind <> 'query') f
  left join (select interaction_id, hash({{person}}) as person from interactions) using (interaction_id)
),
by_person as (
  select
    kind, person, count(*) as signals, count(value) as d, count(*) filter (where orphan) as orphans,
    coalesce(sum(round(value * 1e6)::BIGINT), 0)::BIGINT as n
  from given
  group by kind, person
)
select
  kind as key, sum(signals)::BIGINT as calls, sum(orphans)::BIGINT as orphans,
  bit_or(1::UBIGINT << (person & 63))::VARCHAR as "seenA", bit_or(1::UBIGINT << ((person >> 8) & 63))::VARCHAR as "seenB",
  count(*) filter (where d > 0) as units, sum(n)::VARCHAR as "numerator", sum(d)::VARCHAR as "denominator",
  sum(n::HUGEINT * n)::VARCHAR as "numeratorSquares", sum(d::HUGEINT * d)::VARCHAR as "denominatorSquares",
  sum(n::HUGEINT * d)::VARCHAR as "products"
from by_person
group by kind
order by calls desc, kind
