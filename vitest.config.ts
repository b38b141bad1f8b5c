import { defineConfig } from "vitest/config";
import LongestFirst from "./scripts/test-order.ts";

export default defineConfig({
  test: {
    globalSetup: "scripts/test-folder.ts",
    include: ["workbench/**/*.test.ts", "evals/**/*.test.ts", "scripts/**/*.test.ts"],
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more workers than that only fight over them.
    maxWorkers: 2,
  },
});
