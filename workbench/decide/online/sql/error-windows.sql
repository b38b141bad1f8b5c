-- Contract: calls of the candidate's units and how many failed, per five minutes since $since.
select
  strftime(time_bucket(interval 5 minute, l.called_at), '%Y-%m-%dT%H:%M:%SZ') as "at",
  count(*) as calls,
  count(*) filter (l."errorRate" = 1) as errors
from logged l join unit u on l.unit = u.unit
where l.called_at >= u.candidate_from and l.called_at >= $since::TIMESTAMPTZ and l.called_at < $until::TIMESTAMPTZ
group by time_bucket(interval 5 minute, l.called_at)
order by "at"
