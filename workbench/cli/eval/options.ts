import { InvalidArgumentError } from "commander";

/** The options of `workbench eval`; its commands below read those that they share with it. */
export interface EvalOptions {
  readonly arm: readonly (readonly [name: string, model: string])[];
  readonly only?: string;
  readonly limit?: number;
  readonly sample?: number;
  readonly fresh?: boolean;
  readonly stored: boolean;
  readonly rescore?: string;
  readonly concurrency?: number;
  readonly stream?: boolean;
  readonly experiment?: string;
  readonly junit?: string;
  readonly budgetUsd?: number;
  readonly judgeBudgetUsd?: number;
  readonly estimate?: boolean;
  readonly watch?: boolean;
}

/** `name=model`, one arm more. */
export function collectArm(
  text: string,
  before: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  const at = text.includes("=") ? text.indexOf("=") : text.length;
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("write name=model");
  const name = text.slice(0, at);
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name))
    throw new InvalidArgumentError("an arm's name is a-z, 0-9, dot, - and _");
  return [...before, [name, text.slice(at + 1)]];
}

/** An amount of money. */
export function dollars(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("US dollars above 0");
  return value;
}
