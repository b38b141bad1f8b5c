-- Contract: `logged`: model calls, latest revision, whole numbers in the smallest unit of each metric; null is "has none". Only integers, so that sums do not depend on the order.
create temp view logged as
select
  {{unit}} as unit,
  coalesce(started_at, ended_at) as called_at,
  -- A call that failed completed nothing: leaving it out would flatter the arm that fails.
  case when status = 'error' then 0 else task_completed::INTEGER end as "success",
  (status = 'error')::INTEGER as "errorRate",
  case when status <> 'error' then hallucination_detected::INTEGER end as "hallucination",
  case when status <> 'error' and isfinite(output_quality) then round(output_quality * 1e9)::BIGINT end as "quality",
  case when isfinite(latency_ms) then round(latency_ms * 1e3)::BIGINT end as "latencyMs",
  case when isfinite(ttft_ms) then round(ttft_ms * 1e3)::BIGINT end as "ttftMs",
  input_tokens as "inputTokens",
  output_tokens as "outputTokens",
  cached_tokens as "cachedTokens",
  case when isfinite(cost_usd) then round(cost_usd * 1e9)::BIGINT end as "costUsd"
from stored
where kind = 'llm' and {{unit}} is not null {{latest}};
