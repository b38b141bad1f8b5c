-- Contract: the latest interactions of the imports $imports of the kinds $kinds as JSON, inline and late signals apart, by row_key.
with late as (
  select
    interaction_id as target_id,
    list({
      'kind': kind, 'raw': raw, 'value': value, 'label': label, 'comment': comment,
      'corrected_text': corrected_text, 'correction_kind': correction_kind, 'rater': rater,
      'occurred_at': occurred_at, 'reason': reason
    } order by occurred_at nulls first, feedback_id, row_key) as signals
  from late_feedback
  where interaction_id is not null
    and ($as_of::TIMESTAMPTZ is null or occurred_at is null or occurred_at <= $as_of::TIMESTAMPTZ)
  group by interaction_id
)
select to_json(canonical)::VARCHAR as row
from (
  select {{columns}}, feedback as inline, late.signals as late
  from latest
  left join late on late.target_id = latest.interaction_id
  where list_contains($imports, import_id) and list_contains($kinds, kind)
) as canonical
order by canonical.row_key;
