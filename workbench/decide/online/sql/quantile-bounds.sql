-- Contract: the values at two shares of one arm's values, of one in $every groups.
select quantile_disc(value, $low::DOUBLE) as low, quantile_disc(value, $high::DOUBLE) as high
from quantile_value
where arm = $arm and "group" % $every::USMALLINT = 0
having count(*) > 0
