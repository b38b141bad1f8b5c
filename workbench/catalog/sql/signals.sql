-- Contract: `feedback` and `implicit` over the views of views.sql, for the catalog.
-- Inline signals are a table: to find them the wide rows are read, of which most have none.
create table inline_signals as
select
  interaction_id, false as late, row_key as source_key, import_id,
  signal.kind as kind, signal.raw as raw, signal.value as value, signal.label as label, signal.comment as comment,
  signal.corrected_text as corrected_text, signal.correction_kind as correction_kind, signal.rater as rater,
  signal.occurred_at as occurred_at, signal.reason as reason
from (
  select interaction_id, row_key, import_id, unnest(feedback) as signal from interactions where len(feedback) > 0
);

-- Every signal, inline and late, with its interaction; `interaction_id` null is an orphan.
create view feedback as
from inline_signals
union all
select
  interaction_id, true, row_key, import_id,
  kind, raw, value, label, comment, corrected_text, correction_kind, rater, occurred_at, reason
from late_feedback;

-- What behaviour says about each interaction: the sum of its implicit signals, held to [-1, 1], and why.
create view implicit as
select
  interaction_id, greatest(-1, least(1, sum(value order by value))) as value, count(*) as signals,
  list(distinct reason order by reason) as reasons
from feedback
where kind in ('reformulated', 'accepted', 'copied', 'cited', 'read') and value is not null and interaction_id is not null
group by interaction_id;
