-- Contract: one row: what the stored interactions hold for a training, over all and since $since (null: never promoted).
with signals as (
  select
    interaction_id,
    bool_or(value > 0) as good, bool_or(value < 0) as bad,
    bool_or(corrected_text is not null) as corrected
  from feedback where interaction_id is not null
  group by interaction_id
),
calls as (
  select i.interaction_id, coalesce(i.started_at, i.ended_at) as called, i.agent, i.user_key, i.task_completed,
    signals.interaction_id is not null as told, coalesce(good, false) as good, coalesce(bad, false) as bad,
    coalesce(corrected, false) as corrected
  from interactions i left join signals using (interaction_id)
),
since as (
  select *, ntile(2) over (order by called, interaction_id) as half
  from calls where $since::TIMESTAMPTZ is not null and called >= $since::TIMESTAMPTZ and task_completed is not null
)
select
  (select count(*) from calls) as interactions,
  (select coalesce(max(n), 0) from (select count(*) as n from calls group by agent)) as "mostOfOneAgent",
  (select count(distinct user_key) from calls) as users,
  (select count(*) from calls where told) as "withSignal",
  (select count(*) from calls where good) as good,
  (select count(*) from calls where bad) as bad,
  (select count(*) from calls where corrected) as corrected,
  (select count(*) from calls where task_completed is not null) as "withOutcome",
  (select count(*) from calls where task_completed) as completed,
  (select count(*) from calls where $since::TIMESTAMPTZ is not null and called >= $since::TIMESTAMPTZ) as "sincePromotion",
  (select count(*) from since where half = 1) as "firstHalf",
  (select count(*) from since where half = 1 and task_completed) as "firstCompleted",
  (select count(*) from since where half = 2) as "secondHalf",
  (select count(*) from since where half = 2 and task_completed) as "secondCompleted"
