-- Contract: one row of counts: exposures in both arms, twice, not as hashed, at impossible times; units without rows; days without exposures.
with exposed_day as materialized (select distinct epoch_us(exposed_at) // 86400000000 as day from exposure)
select
  (select count(*) from exposure) as exposures,
  (select count(*) from unit) as units,
  (select count(*) from unit where arms > 1) as crossed,
  (select count(*) from exposure) - (select count(*) from (select distinct unit, arm, exposed_at from exposure)) as repeats,
  (select count(*) filter (not as_hashed) from exposure) as astray,
  (select count(*) from {{exposures}} where experiment = $experiment and exposed_at < $starts_at::TIMESTAMPTZ) as before_start,
  (select count(*) from {{exposures}} where experiment = $experiment and exposed_at >= $until::TIMESTAMPTZ) as after_end,
  (select count(*) from unit left join unit_wide using (id) where coalesce(after_rows, 0) = 0) as without_rows,
  -- Their only rows lie in the day before they were exposed: one of the two clocks is wrong.
  (select count(*) from unit join unit_wide using (id) where after_rows = 0 and just_before > 0) as only_before,
  (select coalesce(date_diff('microsecond', min(first_at), $until::TIMESTAMPTZ), 0)::DOUBLE / 86400e6 from unit) as days,
  -- Days between the first and the last exposure that have calls. Mostly none lacks exposures, and then no call is read.
  (
    select count(distinct epoch_us(called_at) // 86400000000)
    from logged
    where called_at >= $starts_at::TIMESTAMPTZ and called_at < $until::TIMESTAMPTZ
      and epoch_us(called_at) // 86400000000 in (
        select unnest(range(min(day) + 1, max(day))) as day from exposed_day
        except select day from exposed_day
      )
  ) as gap_days
