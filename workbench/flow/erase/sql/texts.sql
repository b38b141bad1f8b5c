-- Contract: what the person wrote (texts of 24 characters or more) and was answered (of 60 or more, as a
-- short answer may be part of anybody's) in rows of `mine`, where no other row has the same text.
with texts as (
  select row_key::varchar as row_key, unnest(
    list_transform(list_filter(messages, m -> m.role = 'user'), m -> m.content)
    || list_filter(list_transform(output, o -> o.content), t -> length(t) >= 60)
    || list_transform(feedback, f -> f.comment)
    || list_transform(feedback, f -> f.corrected_text)
    || [task_text]
  ) as text
  from read_parquet($files)
)
select text
from texts
where length(text) >= 24
group by text
having bool_and(row_key in (select row_key from mine))
order by text;
