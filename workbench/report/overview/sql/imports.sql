-- Contract: one row per import that nothing replaces, the newest first: its counts, and whether read = stored + known + quarantined.
select
  id, kind, label, format, importer, strftime(imported_at, '%Y-%m-%dT%H:%M:%SZ') as "at",
  read, stored, known, quarantined, blank, interactions, feedback,
  read = stored + known + quarantined as "isConserved"
from imports
order by imported_at desc, id
