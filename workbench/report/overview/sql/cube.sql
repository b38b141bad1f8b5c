-- Contract: calls, and the marks that their people leave, of everything (set 7), by period (3), model (5), agent (6), period and model (1),
-- period and agent (2), the largest groups first. A person is {{person}}; set bits of a mark are a lower bound of how many there were.
select
  grouping(period, model, agent) as "set", period::VARCHAR as period, model, agent, count(*) as calls,
  bit_or(1::UBIGINT << (person & 63))::VARCHAR as "seenA", bit_or(1::UBIGINT << ((person >> 8) & 63))::VARCHAR as "seenB"
from (
  select
    {{period}} as period, coalesce(model_served, model_requested, 'not named') as model, coalesce(agent, 'not named') as agent,
    hash({{person}}) as person
  from interactions
)
group by grouping sets ((), (period), (model), (agent), (period, model), (period, agent))
order by calls desc, "set" desc, period, model, agent
limit 50000
