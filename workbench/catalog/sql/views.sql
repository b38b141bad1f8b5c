-- Contract: views over `rows`, `feedback_rows` and `superseded`, for the catalog and for a reader in memory alike.
create view settled as {{settled}};

{{latest}}

-- `day` is the date in UTC. Casting a TIMESTAMPTZ asks the calendar of time zones, which takes four times as long.
create view interactions as
select *, make_timestamp(epoch_us(coalesce(started_at, ended_at)))::date as day
from latest where kind = 'llm';

-- What late feedback may be about, without the wide columns.
create view targets as
select interaction_id, format, source_id, trace_id, conversation_id, coalesce(started_at, ended_at) as at, line_no, row_key
from interactions;

-- Queries that come soon after another of the same conversation in much the same words. How soon, how alike and what
-- it is worth came with the event. Likeness is the Jaccard index of the words.
create view reformulations as
with queries as (
  select
    row_key, raw->'reformulated' as rule, occurred_at,
    list_filter(list_distinct(regexp_split_to_array(lower(raw->>'query'), '[^\p{L}\p{N}]+')), lambda w: w <> '') as words,
    target.conversation_id as conversation
  from feedback_rows
  where kind = 'query' and occurred_at is not null and target.conversation_id is not null
),
paired as (
  select
    row_key, (rule->>'value')::DOUBLE as value, words, lag(words) over earlier as words_before,
    epoch(occurred_at) - epoch(lag(occurred_at) over earlier) as after_s,
    (rule->>'within_s')::DOUBLE as within_s, (rule->>'similarity')::DOUBLE as similarity
  from queries
  window earlier as (partition by conversation order by occurred_at, row_key)
)
select row_key, value
from paired
where after_s <= within_s
  and len(list_intersect(words, words_before)) >= similarity * len(list_distinct(list_concat(words, words_before)))
  and len(words) > 0;

-- Each late signal with the one interaction it is about: by id, else by source id, else the single
-- call of its trace, else the last one of its conversation before it. None or several: an orphan.
create view late_feedback as
with candidates as (
  select f.row_key as feedback_key, t.interaction_id, 1 as rule
  from feedback_rows f join targets t on t.interaction_id = f.target.interaction_id
  union all
  select f.row_key, t.interaction_id, 2
  from feedback_rows f
  join targets t on t.source_id = f.target.source_id and t.format = coalesce(f.target.format, t.format)
  where f.target.interaction_id is null
  union all
  select f.row_key, t.interaction_id, 3
  from feedback_rows f join targets t on t.trace_id = f.target.trace_id
  where f.target.interaction_id is null and f.target.source_id is null
  union all
  select f.row_key, arg_max(t.interaction_id, {'at': t.at, 'line_no': t.line_no, 'row_key': t.row_key}), 4
  from feedback_rows f join targets t on t.conversation_id = f.target.conversation_id
  where f.target.interaction_id is null and f.target.source_id is null and f.target.trace_id is null
    and (f.occurred_at is null or t.at is null or t.at <= f.occurred_at)
  group by f.row_key
),
resolved as (
  select feedback_key, any_value(interaction_id) as interaction_id
  from candidates
  group by feedback_key
  having count(distinct interaction_id) = 1
)
select f.* replace (
    case when r.row_key is null then f.kind else 'reformulated' end as kind,
    coalesce(f.value, r.value) as value,
    case when r.row_key is null then f.reason else 'the user asked again in other words' end as reason
  ), resolved.interaction_id as interaction_id
from feedback_rows f
left join resolved on resolved.feedback_key = f.row_key
left join reformulations r on r.row_key = f.row_key;

-- One row per step of a multi-step run: recorded steps, and every span of a trace in time order.
create view trajectories as
select
  coalesce(trace_id, conversation_id, interaction_id) as trajectory, interaction_id, kind, agent,
  step.n as n, step.state as state, step.action as action, step.observation as observation,
  step.reward as reward, step.occurred_at as occurred_at
from (select trace_id, conversation_id, interaction_id, kind, agent, unnest(steps) as step from latest)
union all
select
  trace_id, interaction_id, kind, agent,
  row_number() over (partition by trace_id order by coalesce(started_at, ended_at), line_no, part),
  null, to_json({'messages': messages}), to_json({'output': output}), null, coalesce(started_at, ended_at)
from latest
where trace_id is not null and (steps is null or len(steps) = 0);
