-- Contract: records, by their lines: `stored` as the written files ({{written}}) hold them, `known` as the spool says.
with written as ({{written}})
select
  (select count(distinct line_no) from written)::integer as stored,
  (select count(*) from written where kind = 'i')::integer as interactions,
  (select count(*) from written where kind = 'f')::integer as feedback,
  (
    select count(*) from (
      select line_no from stale group by line_no
      except
      select line_no from spooled where place not in (select place from stale)
    )
  )::integer as known;
