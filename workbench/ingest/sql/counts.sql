-- Contract: records, by their lines: `stored` as the written files {{files}} hold them, `known` as the spool says.
with written as ({{written}})
select
  (select count(distinct line_no) from written)::integer as stored,
  (select count(*) from written where kind = 'i')::integer as interactions,
  (select count(*) from written where kind = 'f')::integer as feedback,
  (select count(distinct line_no) from spooled where line_no not in (select line_no from fresh))::integer as known;
