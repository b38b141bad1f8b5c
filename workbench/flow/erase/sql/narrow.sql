-- Contract: `narrow` holds what ties a stored interaction to a person, of every segment in $files.
create temp table narrow as
select row_key::varchar as row_key, interaction_id, source_id, conversation_id, trace_id, user_key
from read_parquet($files);
