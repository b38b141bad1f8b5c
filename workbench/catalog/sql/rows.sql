-- Contract: the files of all imports that nothing replaces, as views, and `superseded`: a table, as it is narrow and asked for by every query.
create view segments as {{segments}};

create view rows as {{rows}};

create view feedback_rows as {{feedback_rows}};

-- Rows of which a later revision is there: same interaction, later update, later import, later line.
create table superseded as
select row_key
from (
  select
    row_key,
    row_number() over (
      partition by interaction_id
      order by coalesce(updated_at, ended_at, started_at) desc nulls last, position desc, line_no desc, part desc, row_key
    ) as place
  from (select interaction_id, row_key, updated_at, ended_at, started_at, line_no, part, import_id from rows)
  join segments using (import_id)
  where interaction_id in (select interaction_id from rows group by interaction_id having count(*) > 1)
)
where place > 1;
