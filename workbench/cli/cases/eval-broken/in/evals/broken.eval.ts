import { jsonl, suite } from "workbench";

export default suite("broken", { arms: {}, data: jsonl("evals/data/sums.jsonl"), scorers: [] });
