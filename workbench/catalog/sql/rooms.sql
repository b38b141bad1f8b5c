-- Contract: one table per room from the JSON lines {{path}} that rooms.ts wrote; every column pinned, rows in file order.
create table imports as
from read_json({{path}}, format = 'newline_delimited', columns = {
  id: 'VARCHAR', kind: 'VARCHAR', label: 'VARCHAR', format: 'VARCHAR', importer: 'VARCHAR', key_id: 'VARCHAR',
  read: 'BIGINT', stored: 'BIGINT', known: 'BIGINT', quarantined: 'BIGINT', blank: 'BIGINT',
  interactions: 'BIGINT', feedback: 'BIGINT', redactions: 'MAP(VARCHAR, BIGINT)', continues: 'VARCHAR',
  replaces: 'VARCHAR', imported_at: 'TIMESTAMPTZ', manifest: 'JSON'
});

create table quarantine as
from read_json({{path}}, format = 'newline_delimited', maximum_object_size = 67108864, columns = {
  import_id: 'VARCHAR', label: 'VARCHAR', line: 'BIGINT', part: 'INTEGER', byte_offset: 'BIGINT',
  byte_length: 'BIGINT', sha256: 'VARCHAR', reason: 'VARCHAR', detail: 'VARCHAR', text: 'VARCHAR'
});

create table datasets as
from read_json({{path}}, format = 'newline_delimited', maximum_object_size = 67108864, columns = {
  name: 'VARCHAR', digest: 'VARCHAR', kind: 'VARCHAR', folder: 'VARCHAR', train: 'BIGINT', val: 'BIGINT', test: 'BIGINT',
  manifest: 'JSON'
});

create table runs as
from read_json({{path}}, format = 'newline_delimited', maximum_object_size = 67108864, columns = {
  id: 'VARCHAR', kind: 'VARCHAR', name: 'VARCHAR', experiment: 'VARCHAR', finished: 'BOOLEAN', started_at: 'TIMESTAMPTZ',
  manifest: 'JSON', result: 'JSON'
});

create table samples as
from read_json({{path}}, format = 'newline_delimited', maximum_object_size = 67108864, columns = {
  run: 'VARCHAR', sampleId: 'VARCHAR', label: 'VARCHAR', arm: 'VARCHAR', epoch: 'INTEGER', status: 'VARCHAR',
  input: 'JSON', expected: 'JSON', output: 'VARCHAR', scores: 'JSON', success: 'BOOLEAN', latencyMs: 'DOUBLE',
  ttftMs: 'DOUBLE', inputTokens: 'BIGINT', cachedTokens: 'BIGINT', outputTokens: 'BIGINT', costUsd: 'DOUBLE',
  servedModel: 'VARCHAR', finishReason: 'VARCHAR', slices: 'JSON', cluster: 'VARCHAR', error: 'JSON'
});

create table decisions as
from read_json({{path}}, format = 'newline_delimited', maximum_object_size = 67108864, columns = {
  run: 'VARCHAR', id: 'VARCHAR', question: 'VARCHAR', policy: 'VARCHAR', baseline: 'VARCHAR', candidate: 'VARCHAR',
  suite: 'VARCHAR', verdict: 'VARCHAR', sentence: 'VARCHAR', decided_at: 'TIMESTAMPTZ', record: 'JSON'
});
