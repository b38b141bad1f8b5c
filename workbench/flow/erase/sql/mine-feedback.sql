-- Contract: row keys of the feedback records in {{files}} that $user gave, or that are about a row in `mine`.
select distinct row_key::varchar as row_key
from {{files}}
where rater = $user
  or row_key::varchar in (select unnest($known::varchar[]))
  or target.interaction_id in (select interaction_id from mine)
  or target.source_id in (select source_id from mine where source_id is not null)
  or target.trace_id in (select trace_id from mine where trace_id is not null)
  or target.conversation_id in (select conversation_id from mine where conversation_id is not null);
