// What a suite file (`evals/*.eval.ts`) may import from "workbench". Everything else is internal.
export { suite } from "./evaluate/suite.ts";
export type { ArmSource, Suite, SuiteDefinition } from "./evaluate/suite.ts";
export { chat } from "./evaluate/chat.ts";
export { dataset, jsonl } from "./evaluate/source.ts";
export type { DataSource, Item } from "./evaluate/source.ts";
export { recorded } from "./evaluate/recorded.ts";
export type { Answer, Call, Reducer, Sample, Scored, Scorer, Task } from "./evaluate/types.ts";
export { atLeast, max, mean, median, mode, passAt, passHat } from "./evaluate/reduce.ts";
export { contains } from "./evaluate/scorers/contains.ts";
export { defineScorer } from "./evaluate/scorers/define.ts";
export { exact } from "./evaluate/scorers/exact.ts";
export { jsonField } from "./evaluate/scorers/json-field.ts";
export { jsonSchema, validJson } from "./evaluate/scorers/json-schema.ts";
export { numeric } from "./evaluate/scorers/numeric.ts";
export { recordedScore } from "./evaluate/scorers/recorded-score.ts";
