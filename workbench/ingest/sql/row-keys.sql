-- Contract: the tables of the row-key cache. `listed` says of which imports, in which form, `keys` has every row key.
create table if not exists listed (import_id UUID, files VARCHAR);
create table if not exists keys (row_key UUID, import_id UUID);
