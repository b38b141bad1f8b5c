-- Contract: per arm and group of units how many values there are, and how many lie below the arm's bound.
select arm, "group", count(*) as total, count(*) filter (value < case arm when 'baseline' then $baseline::BIGINT else $candidate::BIGINT end) as below
from quantile_value
group by arm, "group"
order by arm, "group"
