-- Contract: per arm the values at two shares of its values.
select arm, quantile_disc(value, $low::DOUBLE) as low, quantile_disc(value, $high::DOUBLE) as high
from quantile_value
where arm = $arm
group by arm
