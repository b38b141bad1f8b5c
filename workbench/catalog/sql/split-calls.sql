-- Contract: `latest` from `settled`, when some calls were logged on lines apart. The answer's row gets what was asked.
-- Which lines hold the question of which answer. OTel events of one call share a span. A batch's lines share a
-- custom_id, which other batches may use again: the only request counts, else the only one under the answer's label.
create table asked as
with labels as ({{labels}}),
lines as (
  select row_key, format, kind, trace_id, parent_id, label, len(messages) = 0 as lacks
  from settled join labels using (import_id)
  where format in ('openai-batch', 'otel-legacy-events') and trace_id is not null
),
answers as (select * from lines where kind = 'llm' and lacks),
questions as (select * from lines where kind = 'chain'),
requests as (
  select a.row_key as answer, q.row_key as question, q.label = a.label as is_near
  from answers a join questions q on q.format = a.format and q.trace_id = a.trace_id
  where a.format = 'openai-batch'
)
select a.row_key as answer, q.row_key as question
from answers a join questions q on q.format = a.format and q.trace_id = a.trace_id and q.parent_id = a.parent_id
where a.format = 'otel-legacy-events'
union all
select answer, any_value(question) from requests group by answer having count(*) = 1
union all
select answer, any_value(question) filter (where is_near)
from requests group by answer having count(*) > 1 and count(*) filter (where is_near) = 1;

create view latest as
select s.* replace (
  coalesce(q.messages, s.messages) as messages,
  coalesce(s.system, q.system) as system,
  coalesce(s.tools, q.tools) as tools,
  coalesce(s.params, q.params) as params,
  coalesce(s.model_requested, q.model_requested) as model_requested
)
from settled s
left join (
  select
    asked.answer,
    flatten(list(messages order by coalesce(started_at, ended_at) nulls first, position, line_no, part)) as messages,
    arg_min(system, (position, line_no, part)) as system,
    arg_min(tools, (position, line_no, part)) as tools, arg_min(params, (position, line_no, part)) as params,
    arg_min(model_requested, (position, line_no, part)) as model_requested
  from asked
  join settled on settled.row_key = asked.question
  join segments using (import_id)
  group by asked.answer
) q on q.answer = s.row_key;
