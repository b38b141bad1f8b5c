-- Contract: one narrow row per logged model call, oldest first, with how long ago the same request and the same
-- beginning (everything but the last message) were sent to the same model.
with calls as (
  select
    row_key, coalesce(started_at, ended_at) as called, agent, task_type, provider,
    coalesce(model_served, model_requested) as model, user_key, conversation_id, status,
    coalesce(conversation_id, trace_id, user_key) as thread,
    input_tokens, cached_tokens, output_tokens, cost_usd,
    md5(to_json(messages)::VARCHAR) as question,
    md5(concat_ws('|', system, tools::VARCHAR, params::VARCHAR, to_json(messages)::VARCHAR)) as whole,
    md5(concat_ws('|', system, tools::VARCHAR, to_json(messages[1:len(messages) - 1])::VARCHAR)) as beginning,
    coalesce(length(system), 0) + coalesce(length(tools::VARCHAR), 0) + length(to_json(messages)::VARCHAR) as characters,
    coalesce(length(system), 0) + coalesce(length(tools::VARCHAR), 0)
      + length(to_json(messages[1:len(messages) - 1])::VARCHAR) as prefix_characters
  from interactions
)
select
  strftime(called, '%Y-%m-%dT%H:%M:%SZ') as "at", agent, task_type as "taskType", provider, model,
  coalesce(user_key, conversation_id) as "user", status,
  coalesce(thread is not null and lag(status) over asked <> 'ok'
    and called - lag(called) over asked <= interval 10 minutes, false) as "isRetry",
  input_tokens as "inputTokens", cached_tokens as "cachedTokens", output_tokens as "outputTokens",
  cost_usd as "loggedUsd",
  user_key is null and conversation_id is null as "nobodyWaits",
  prefix_characters::DOUBLE / greatest(characters, 1) as "prefixShare",
  date_diff('second', lag(called) over begun, called)::INTEGER as "prefixSeconds",
  date_diff('second', lag(called) over same, called)::INTEGER as "sameSeconds"
from calls
window
  asked as (partition by thread, question order by called, row_key),
  begun as (partition by provider, model, beginning order by called, row_key),
  same as (partition by provider, model, whole order by called, row_key)
order by called nulls last, row_key
