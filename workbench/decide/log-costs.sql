-- Contract: one narrow row per logged model call, oldest first. A retry is the same question in the same
-- conversation within ten minutes of one that failed.
with calls as (
  select
    row_key, coalesce(started_at, ended_at) as called, agent, task_type, provider,
    coalesce(model_served, model_requested) as model, coalesce(user_key, conversation_id) as user_key, status,
    coalesce(conversation_id, trace_id, user_key) as thread, md5(to_json(messages)::VARCHAR) as question,
    input_tokens, cached_tokens, output_tokens, cost_usd
  from interactions
)
select
  strftime(called, '%Y-%m-%dT%H:%M:%SZ') as "at", agent, task_type as "taskType", provider, model,
  user_key as "user", status,
  coalesce(thread is not null and lag(status) over same <> 'ok'
    and called - lag(called) over same <= interval 10 minutes, false) as "isRetry",
  input_tokens as "inputTokens", cached_tokens as "cachedTokens", output_tokens as "outputTokens",
  cost_usd as "loggedUsd"
from calls
window same as (partition by thread, question order by called, row_key)
order by called nulls last, row_key
