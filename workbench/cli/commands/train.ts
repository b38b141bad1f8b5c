import { Command, InvalidArgumentError } from "commander";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { check, plan } from "../train/before.ts";
import { exportBaseToGguf } from "../train/export-base.ts";
import { follow, list, status, stop } from "../train/look.ts";
import { resume, start } from "../train/run.ts";

export function command(): Command {
  const root = new Command("train").description("Train a recipe and export what was learned.");
  const sub = (name: string, summary: string): Command => {
    const made = new Command(name).summary(summary).description(`${summary}.`).exitOverride();
    root.addCommand(made);
    return made;
  };
  const host = ["--on <host>", "a host of recipes/hosts.yaml", "local"] as const;
  sub("check", "check a recipe against its data")
    .argument("<recipe>", "a recipe's name, or its file")
    .action(withContext(check));
  sub("plan", "estimate a recipe on a host")
    .argument("<recipe>", "a recipe's name, or its file")
    .option(...host)
    .action(withContext(plan));
  sub("start", "train a recipe, export it and check parity")
    .argument("<recipe>", "a recipe's name, or its file")
    .option(...host)
    .action(withContext(start));
  sub("follow", "watch a run until it ends").argument("<run>", "the run's id").action(withContext(follow));
  sub("status", "say how a run stands").argument("<run>", "the run's id").action(withContext(status));
  sub("stop", "ask a run to leave with a checkpoint")
    .argument("<run>", "the run's id")
    .option("--grace <seconds>", "how long it may take; then it is killed", seconds, 60)
    .action(withContext(stop));
  sub("resume", "go on with a run").argument("<run>", "the run's id").action(withContext(resume));
  sub("list", "list the training runs").action(withContext(list));
  sub("export-base", "export a base to GGUF")
    .argument("<base>", "a base of recipes/bases")
    .action(withContext(exportBaseToGguf));
  return root;
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("seconds, 0 or more");
  return value;
}

export const EXAMPLES: readonly Example[] = [
  ["workbench train check tiny-sft", "the recipe against its data: masks, lengths, counts; no host is asked"],
  [
    "workbench train plan tiny-sft --on local",
    "steps, tokens, time, memory and cost before anything is spent",
  ],
  [
    "workbench train start tiny-sft",
    "train, fetch, export to GGUF, check parity; again = goes on, or says it is done",
  ],
  ["workbench train list", "every training run and how it stands"],
  ["workbench train status 3f2a9c0d1e4b", "how one run stands"],
  ["workbench train follow 3f2a9c0d1e4b", "watch a run that was started elsewhere"],
  ["workbench train stop 3f2a9c0d1e4b", "leave with a checkpoint"],
  ["workbench train resume 3f2a9c0d1e4b", "go on from its newest checkpoint"],
  ["workbench train export-base tiny-router", "GGUF of a bare base, so that it can be served"],
];

export const NOTES = `
Ctrl-C while training saves a checkpoint; the same command goes on from there.`;
