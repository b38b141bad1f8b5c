-- Contract: `candidates` holds what the person wrote (texts of 24 characters or more) and was answered (of 60 or more, as
-- a short answer may be part of anybody's) in rows of `mine`, which lie in {{files}}.
create temp table candidates as
select distinct text
from (
  select unnest(
    list_transform(list_filter(messages, m -> m.role = 'user'), m -> m.content)
    || list_filter(list_transform(output, o -> o.content), t -> length(t) >= 60)
    || list_transform(feedback, f -> f.comment)
    || list_transform(feedback, f -> f.corrected_text)
    || [task_text]
  ) as text
  from {{files}}
  where row_key::varchar in (select row_key from mine)
)
where length(text) >= 24;
