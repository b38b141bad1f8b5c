-- Contract: one row: how many interactions there are, how many name a user, and how many days have one.
select
  count(*) as interactions, count(day) as dated,
  count(distinct day) as days, count(distinct date_trunc('week', day)) as weeks,
  count(user_key) as "withUser", count(distinct user_key) as users
from interactions
