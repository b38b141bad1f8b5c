-- Contract: one row per reason: records that could not be stored, of how many imports, the oftenest first.
select reason, count(*) as records, count(distinct import_id) as imports
from quarantine
group by reason
order by records desc, reason
