-- Contract: one arm's values from $low to $high, rising, with their groups.
select value, "group"
from quantile_value
where arm = $arm and value >= $low::BIGINT and value <= $high::BIGINT
order by value, "group"
