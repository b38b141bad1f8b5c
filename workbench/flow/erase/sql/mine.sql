-- Contract: `mine` holds the rows of $user in {{files}}: their own, those erased before ($known), other records of the
-- same interactions, and the calls without a user in their conversations and traces. Narrow columns are read, twice.
create temp table mine as
with narrow as (
  select row_key::varchar as row_key, interaction_id, source_id, conversation_id, trace_id, user_key, import_id
  from {{files}}
),
direct as materialized (
  from narrow where user_key = $user or row_key in (select unnest($known::varchar[]))
),
linked as (
  from narrow
  where user_key is null
    and (interaction_id in (select interaction_id from direct)
      or conversation_id in (select conversation_id from direct where conversation_id is not null)
      or trace_id in (select trace_id from direct where trace_id is not null))
)
from direct union from linked;
