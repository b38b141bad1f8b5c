-- Contract: per unit the sums and counts of the metrics asked for, whole numbers, by the unit's name.
select {{n}} as n, {{d}} as d
from logged
group by unit
order by unit
limit $most
