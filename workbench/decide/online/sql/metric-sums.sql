-- Contract: exact sums over the units of each stage, slice, arm and metric, as text. Stages above $most_stage are no test.
select
  metric, stage, arm, slice,
  count(*)::VARCHAR as units,
  sum(n)::VARCHAR as n, sum(d)::VARCHAR as d, sum(p)::VARCHAR as p, sum(q)::VARCHAR as q,
  sum(n::HUGEINT * n)::VARCHAR as nn, sum(d::HUGEINT * d)::VARCHAR as dd, sum(n::HUGEINT * d)::VARCHAR as nd,
  sum(p::HUGEINT * p)::VARCHAR as pp, sum(q::HUGEINT * q)::VARCHAR as qq, sum(p::HUGEINT * q)::VARCHAR as pq,
  sum(n::HUGEINT * p)::VARCHAR as np, sum(n::HUGEINT * q)::VARCHAR as nq,
  sum(d::HUGEINT * p)::VARCHAR as dp, sum(d::HUGEINT * q)::VARCHAR as dq
from unit_metric join {{units}} using (id)
where stage <= $most_stage
group by metric, stage, arm, slice
order by metric, stage, slice, arm
