import { Command, InvalidArgumentError } from "commander";
import { approve, override, resume, stop } from "../../decide/control.ts";
import { erasedAt } from "../../decide/erased-rows.ts";
import { readLog } from "../../decide/log.ts";
import { registerModel, verifyModels } from "../../decide/register.ts";
import { readRegistry, type Registry } from "../../decide/registry.ts";
import { signHead } from "../../decide/sign-head.ts";
import { checkSignedHead } from "../../decide/signed-head.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { printable } from "../../errors/printable.ts";
import { loadConfig } from "../../store/config.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Output } from "../output.ts";

export function command(): Command {
  const registry = new Command("registry").action(
    withContext(async ({ project, out, effects }) => {
      const view = await readRegistry(project, effects);
      const erased: Record<string, string> = {};
      for (const { run } of view.models) {
        const at = await erasedAt(project, run, effects);
        if (at !== null) erased[run] = at;
      }
      printRegistry(view, erased, out);
      out.result({ ...view, erased });
      return 0;
    }),
  );
  addModelCommands(registry);
  addControlCommands(registry);
  return registry;
}

function addModelCommands(registry: Command): void {
  registry
    .command("add")
    .argument("<train-run>", "the training run's id")
    .description("register a finished training run whose export parity passed")
    .action(
      withContext(async ({ project, out, effects }, trainRun: string) => {
        const model = await registerModel({ project, trainRun }, effects);
        out.line(`${out.paint.green("✓")} ${model.version}  ${printable(model.model)} from run ${model.run}`);
        out.result(model);
        return 0;
      }),
    );
  registry
    .command("verify")
    .description("check the log's chain and hash every registered artifact again")
    .action(
      withContext(async ({ project, out, effects }) => {
        const { models, rows, head } = await readRegistry(project, effects);
        const files = await verifyModels(project, models, effects);
        const config = await loadConfig(project, effects);
        const signed = await checkSignedHead(project, config, effects);
        out.line(
          `${out.paint.green("✓")} ${rows} log rows in one chain, ${files} artifacts hash as registered`,
        );
        out.line(out.paint.dim(`  head ${head}`));
        if (signed !== null)
          out.line(
            `${out.paint.green("✓")} signed up to row ${signed.rows}${signed.unsigned > 0 ? `, ${signed.unsigned} later rows are not` : ""}`,
          );
        out.result({ rows, files, head, signed });
        return 0;
      }),
    );
  registry
    .command("sign")
    .description("sign the log's head with the configured key, once its chain holds")
    .action(
      withContext(async ({ project, out, effects }) => {
        const { head, rows } = await readLog(project, effects);
        if (!(await signHead(project, { head, rows: rows.length }, effects)))
          throw new WorkbenchError({
            code: "WB_USAGE",
            where: "workbench.config.yaml: registry.signingKeyEnv",
            what: "no signing key is configured, or its variable is not set",
            fix: "registry: { signingKeyEnv: WORKBENCH_SIGNING_KEY, publicKey: registry.pub.pem }",
          });
        out.line(`${out.paint.green("✓")} head ${head.slice(0, 12)} of ${rows.length} rows is signed`);
        out.result({ head, rows: rows.length });
        return 0;
      }),
    );
  registry
    .command("log")
    .description("every row, oldest first")
    .action(
      withContext(async ({ project, out, effects }) => {
        const log = await readLog(project, effects);
        for (const row of log.rows)
          out.line(
            `${String(row.seq).padStart(4)}  ${row.at}  ${row.kind.padEnd(17)}  ${printable(row.actor)}`,
          );
        if (log.rows.length === 0) out.note("the log is empty");
        out.result(log.rows);
        return 0;
      }),
    );
}

function addControlCommands(registry: Command): void {
  registry
    .command("approve")
    .argument("<decision>", "the decision's run")
    .description("approve this very record, as WORKBENCH_ACTOR or the login name")
    .action(
      withContext(async ({ project, out, effects }, decision: string) => {
        const given = await approve({ project, decision }, effects);
        out.line(
          `${out.paint.green("✓")} ${printable(given.by)} approves record ${given.record.slice(0, 12)}`,
        );
        out.result(given);
        return 0;
      }),
    );
  registry
    .command("override")
    .argument("<decision>", "the decision's run")
    .description("set a no-go or an inconclusive verdict aside, for a while and with a reason")
    .requiredOption("--reason <text>", "at least 20 characters")
    .option("--days <n>", "how long it holds", days, 7)
    .action(
      withContext(
        async ({ project, out, effects }, decision: string, options: { reason: string; days: number }) => {
          const expires = await override({ project, decision, ...options }, effects);
          out.line(`${out.paint.yellow("!")} overridden until ${expires}; the page keeps the verdict`);
          out.result({ decision, expires });
          return 0;
        },
      ),
    );
  for (const [name, summary, act] of [
    ["stop", "throw the kill switch: nothing is promoted until it is cleared", stop],
    ["resume", "clear the kill switch", resume],
  ] as const)
    registry
      .command(name)
      .description(summary)
      .requiredOption("--reason <text>", "why, for the log")
      .action(
        withContext(async ({ project, out, effects }, { reason }: { readonly reason: string }) => {
          await act({ project, reason }, effects);
          out.line(name === "stop" ? "the kill switch is on" : "the kill switch is off");
          out.result({ kill: name === "stop" });
          return 0;
        }),
      );
}

function days(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 90) throw new InvalidArgumentError("1 to 90 days");
  return value;
}

function printRegistry(
  { models, aliases, kill, head, rows }: Registry,
  erased: Readonly<Record<string, string>>,
  out: Output,
): void {
  if (kill !== null) out.line(out.paint.red(`✕ kill switch on since ${kill.at}: ${printable(kill.reason)}`));
  if (models.length === 0) out.note("no model is registered yet: workbench registry add <train run>");
  for (const model of models) {
    const names = Object.entries(aliases).filter(([, version]) => version === model.version);
    const marks = names.map(([alias]) => alias).join(", ");
    out.line(`${model.version.padEnd(10)}  ${printable(model.model).padEnd(24)}  run ${model.run}  ${marks}`);
    const at = erased[model.run];
    if (at !== undefined)
      out.line(
        out.paint.yellow(`  rows it learnt from were erased at ${at}: promotion asks for an override`),
      );
  }
  out.line(out.paint.dim(`log: ${rows} rows, head ${head.slice(0, 12)}`));
}

export const EXAMPLES: readonly Example[] = [
  ["workbench registry", "models and aliases"],
  ["workbench registry add 4ddbabf545ed", "register a training run"],
  ["workbench registry approve 2b19c0d8a4f1"],
  ['workbench registry stop --reason "incident 12"'],
  [
    "workbench registry override 2b19c0d8a4f1 --days 3 --reason 'hotfix for incident 12, agreed with support'",
  ],
  ["workbench registry resume --reason 'incident 12 is closed'"],
  ["workbench registry verify"],
  ["workbench registry sign"],
  ["workbench registry log --json"],
];
