-- Contract: `stored` (all rows of the segments) and `superseded` (those of which a later revision is there).
create temp view segment as {{segments}};

create temp view stored as {{rows}};

-- Only where a hash is there twice can an id be: the ids themselves are compared for those few alone.
create temp table twice as
select h from (select hash(interaction_id) as h from stored) group by h having count(*) > 1;

create temp table superseded as
select row_key
from (
  select
    row_key,
    row_number() over (
      partition by interaction_id
      order by coalesce(updated_at, ended_at, started_at) desc nulls last, position desc, line_no desc, part desc, row_key
    ) as place
  from (select * from stored where hash(interaction_id) in (select h from twice)) join segment using (import_id)
)
where place > 1;
