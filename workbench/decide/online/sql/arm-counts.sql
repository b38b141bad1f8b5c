-- Contract: units by stage, slice and arm, how many of them have rows since their exposure, and their fallback exposures.
select
  stage, arm, slice, count(*) as units,
  count(*) filter (after_rows > 0) as with_rows,
  sum(fallbacks) as fallbacks
from {{units}} left join unit_wide using (id)
group by stage, arm, slice
order by stage, slice, arm
