-- Rows of one side of a version: what a row is known by, which interaction it counts under, its text.
select {{key}} as key, interaction_id, {{content}} as content
from read_parquet({{source}})
order by key;
