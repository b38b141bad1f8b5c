import { base } from "./base.ts";
import { deploy } from "./deploy.ts";
import type { Answer, Facts } from "./facts.ts";
import { method } from "./method.ts";
import { retrain } from "./retrain.ts";
import { train } from "./train.ts";

/** The five questions of a team, answered from what is there; each answer says what it stands on and what is missing. */
export function answersOf(facts: Facts): readonly Answer[] {
  return [train(facts), method(facts), base(facts), deploy(facts), retrain(facts)];
}
