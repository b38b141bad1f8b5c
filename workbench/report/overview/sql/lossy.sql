-- Contract: one row per format, path and remark of the lossy-field reports, the most rows first.
select format, note->>'path' as path, note->>'what' as what, sum((note->'rows')::BIGINT)::BIGINT as rows
from (select format, unnest(manifest->'lossy'->'$[*]') as note from imports)
group by all
order by rows desc, format, path, what
