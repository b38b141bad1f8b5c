-- Contract: one row per kind of personal data or secret: how often it was replaced, in how many imports.
select entry.key as entity, sum(entry.value)::BIGINT as replaced, count(*) as imports
from (select unnest(map_entries(redactions)) as entry from imports)
where entry.value > 0
group by entity
order by replaced desc, entity
