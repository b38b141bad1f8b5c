-- Contract: per group of one arm's units how many values there are, and how many lie below $bound.
select "group", count(*) as total, count(*) filter (value < $bound::BIGINT) as below
from quantile_value
where arm = $arm
group by "group"
order by "group"
