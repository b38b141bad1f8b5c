// Where a thread begins: with what this Node has compiled before, which a thread does not know of by itself.
import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";
import type { Recipe } from "./batch-thread.ts";

const { compileCache } = workerData as Recipe;
if (compileCache !== null) enableCompileCache(compileCache);
await import("./batch-thread.ts");
