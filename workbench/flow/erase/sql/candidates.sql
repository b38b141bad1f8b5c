-- Contract: what the person wrote (texts of 24 characters or more) and was answered (of 60 or more, as a
-- short answer may be part of anybody's) in rows of `mine`, where no other row has the same text. Only their
-- texts are gathered: those of all others stream by.
with texts as (
  select row_key::varchar in (select row_key from mine) as is_mine, unnest(
    list_transform(list_filter(messages, m -> m.role = 'user'), m -> m.content)
    || list_filter(list_transform(output, o -> o.content), t -> length(t) >= 60)
    || list_transform(feedback, f -> f.comment)
    || list_transform(feedback, f -> f.corrected_text)
    || [task_text]
  ) as text
  from read_parquet($files)
),
candidates as (
  select distinct text from texts where is_mine and length(text) >= 24
)
select text from candidates
except
select text from texts where not is_mine and text in (select text from candidates)
order by text;
