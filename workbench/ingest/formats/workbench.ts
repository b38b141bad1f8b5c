import { FeedbackEvent, Interaction, Message, OutputChoice, Signal } from "../../schema/interaction.ts";
import type { Fields, Format } from "./format.ts";

const INTERACTION = "workbench/interaction@1";
const FEEDBACK = "workbench/feedback@1";

const mapped = (names: readonly string[], prefix = ""): Fields =>
  Object.fromEntries(names.map((name) => [`${prefix}${name}`, "mapped" as const]));

const lists = { messages: Message, output: OutputChoice, feedback: Signal };
const rowFields = Object.keys(Interaction.shape).filter((name) => !(name in lists));

/**
 * The workbench's own records: an interaction or a feedback event a line, members as the canonical
 * row names them. Members it does not know are kept in `extra`.
 */
export const workbench: Format = {
  name: "workbench",
  version: 1,
  matches: ({ schema }) => schema === INTERACTION || schema === FEEDBACK,
  map: (record) =>
    record["schema"] === FEEDBACK ? { interactions: [], feedback: [record] } : { interactions: [record] },
  fields: {
    ...mapped(rowFields),
    ...mapped(Object.keys(FeedbackEvent.shape)),
    ...Object.fromEntries(
      Object.entries(lists).flatMap(([list, schema]) =>
        Object.entries(mapped(Object.keys(schema.shape), `${list}[].`)),
      ),
    ),
  },
};
