-- Contract: one row per measure that any call has: calls, and sums over people (in millionths) for the interval of the mean.
with by_person as materialized (
  select
    hash({{person}}) as person,
    count(task_completed) as d1, coalesce(sum(task_completed::INTEGER * 1000000), 0)::BIGINT as n1,
    count(hallucination_detected) as d2, coalesce(sum(hallucination_detected::INTEGER * 1000000), 0)::BIGINT as n2,
    count(tool_success_rate) as d3, coalesce(sum(round(tool_success_rate * 1e6)::BIGINT), 0)::BIGINT as n3,
    count(output_quality) as d4, coalesce(sum(round(output_quality * 1e6)::BIGINT), 0)::BIGINT as n4
  from interactions
  where task_completed is not null or hallucination_detected is not null
    or tool_success_rate is not null or output_quality is not null
  group by person
),
measured as (
  select 1 as place, 'task completed' as key, person, d1 as d, n1 as n from by_person where d1 > 0
  union all select 2, 'hallucination detected', person, d2, n2 from by_person where d2 > 0
  union all select 3, 'tool success', person, d3, n3 from by_person where d3 > 0
  union all select 4, 'output quality', person, d4, n4 from by_person where d4 > 0
)
select
  key, sum(d)::BIGINT as calls,
  bit_or(1::UBIGINT << (person & 63))::VARCHAR as "seenA", bit_or(1::UBIGINT << ((person >> 8) & 63))::VARCHAR as "seenB",
  count(*) as units, sum(n)::VARCHAR as "numerator", sum(d)::VARCHAR as "denominator",
  sum(n::HUGEINT * n)::VARCHAR as "numeratorSquares", sum(d::HUGEINT * d)::VARCHAR as "denominatorSquares",
  sum(n::HUGEINT * d)::VARCHAR as "products"
from measured
group by place, key
order by place
