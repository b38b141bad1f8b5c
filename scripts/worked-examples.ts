// Writes docs/worked-examples.md from four decisions on published recordings of real models.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { recordings } from "./real-data/evaluate.ts";
import { PAGE, workedExamples } from "./real-data/page.ts";

if (existsSync(recordings)) await writeFile(PAGE, await workedExamples());
else console.log("skipped: no recordings; WORKBENCH_REAL_DATA names their folder");
