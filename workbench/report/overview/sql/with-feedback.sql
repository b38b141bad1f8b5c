-- Contract: one row: interactions that have at least one signal, inline or late.
select (
  (select count(*) from interactions where len(feedback) > 0)
  + (
    select count(*)
    from (select distinct interaction_id from late_feedback where kind <> 'query' and interaction_id is not null) late
    join interactions using (interaction_id)
    where coalesce(len(feedback), 0) = 0
  )
)::BIGINT as "withFeedback"
