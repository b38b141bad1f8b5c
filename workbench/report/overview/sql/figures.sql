-- Contract: volume, outcome, tokens, cost and latency of everything (set 7), by period (3), model (5) and agent (6); a value that
-- $periods, $models or $agents does not name is null. A sum of nothing known is null; beside each stands how many calls it knows.
with periods as (select unnest($periods::VARCHAR[])::DATE as period_name),
models as (select unnest($models::VARCHAR[]) as model_name),
agents as (select unnest($agents::VARCHAR[]) as agent_name)
select
  grouping(period_name, model_name, agent_name) as "set", coalesce(period_name::VARCHAR, model_name, agent_name) as key,
  count(*) as calls, count(*) filter (where status = 'error') as errors, count(*) filter (where status = 'cut') as cut,
  count(*) filter (where input_tokens is not null and output_tokens is not null) as "tokensKnown",
  sum(input_tokens)::BIGINT as "inputTokens", sum(output_tokens)::BIGINT as "outputTokens",
  count(cost_usd) as priced, sum(cost_usd) as "costUsd",
  count(latency_ms) as "latencyKnown", quantile_cont(latency_ms, [0.5, 0.95, 0.99]) as "latencyMs",
  count(task_completed) as "completedKnown", count(*) filter (where task_completed) as completed,
  bit_or(1::UBIGINT << (person & 63)) filter (where task_completed is not null)::VARCHAR as "seenA",
  bit_or(1::UBIGINT << ((person >> 8) & 63)) filter (where task_completed is not null)::VARCHAR as "seenB"
from (select *, {{period}} as period, hash({{person}}) as person from interactions)
left join periods on period_name = period
left join models on model_name = coalesce(model_served, model_requested, 'not named')
left join agents on agent_name = coalesce(agent, 'not named')
group by grouping sets ((), (period_name), (model_name), (agent_name))
order by "set", key is null, calls desc, key
