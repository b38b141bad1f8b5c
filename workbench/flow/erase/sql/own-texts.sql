-- Contract: the `candidates` that no row of another person in {{files}} has as one of its texts. Those texts stream by.
select text from candidates
except
select text
from (
  select unnest(
    list_transform(list_filter(messages, m -> m.role = 'user'), m -> m.content)
    || list_filter(list_transform(output, o -> o.content), t -> length(t) >= 60)
    || list_transform(feedback, f -> f.comment)
    || list_transform(feedback, f -> f.corrected_text)
    || [task_text]
  ) as text
  from {{files}}
  where row_key::varchar not in (select row_key from mine)
)
where text in (select text from candidates)
order by text;
