import type { JsonRecord } from "../parse.ts";
import type { Format } from "./format.ts";
import { has, isRecord, listOf, recordOf, textOf } from "./format.ts";
import { genAiFeedback, genAiInteraction } from "./otel-genai.ts";
import type { Telemetry } from "./otel-genai.ts";
import { attributesOf, otlpValue } from "./otel-values.ts";

const DETAILS = "gen_ai.client.inference.operation.details";
const EVALUATION = "gen_ai.evaluation.result";

/** OTLP JSON lines of logs: the event of operation details is a model call, an evaluation is feedback. */
export const otelEvents: Format = {
  name: "otel-events",
  version: 3,
  matches: (record) => has(record, "resourceLogs"),
  map: (record, note) => {
    const events = listOf(record["resourceLogs"]).flatMap((group) => {
      const resource = attributesOf(recordOf(recordOf(group)["resource"])["attributes"]);
      return listOf(recordOf(group)["scopeLogs"])
        .flatMap((scope) => listOf(recordOf(scope)["logRecords"]).map(recordOf))
        .map((event) => ({ name: nameOf(event), telemetry: telemetryOf(event, resource) }));
    });
    const other = events.filter(({ name }) => name !== DETAILS && name !== EVALUATION).length;
    if (other > 0)
      note("resourceLogs[].scopeLogs[].logRecords[]", "an event that is no model call, left out");
    return {
      interactions: events
        .filter(({ name }) => name === DETAILS)
        .map(({ telemetry }) => genAiInteraction(telemetry, note)),
      feedback: events
        .filter(({ name }) => name === EVALUATION)
        .map(({ telemetry }) => genAiFeedback(telemetry, "otel-events")),
    };
  },
  fields: {
    "resourceLogs[].resource": "mapped",
    "resourceLogs[].schemaUrl": "extra",
    "resourceLogs[].scopeLogs[].scope": "extra",
    "resourceLogs[].scopeLogs[].schemaUrl": "extra",
    "resourceLogs[].scopeLogs[].logRecords": "mapped",
    "resourceLogs[].scopeLogs[].logRecords[].eventName":
      "dropped because it chooses between a call and feedback",
    "resourceLogs[].scopeLogs[].logRecords[].severityNumber": "extra",
    "resourceLogs[].scopeLogs[].logRecords[].severityText": "extra",
    "resourceLogs[].scopeLogs[].logRecords[].flags": "extra",
  },
};

function nameOf(event: JsonRecord): string | null {
  return textOf(event["eventName"]) ?? textOf(attributesOf(event["attributes"])["event.name"]);
}

function telemetryOf(event: JsonRecord, resource: JsonRecord): Telemetry {
  const body = otlpValue(event["body"]);
  return {
    // The body of older events and the attributes of newer ones hold the same names.
    attributes: { ...(isRecord(body) ? body : {}), ...attributesOf(event["attributes"]) },
    resource,
    traceId: textOf(event["traceId"]),
    spanId: textOf(event["spanId"]),
    parentId: null,
    start: null,
    end: event["timeUnixNano"] ?? event["observedTimeUnixNano"] ?? null,
    error: null,
  };
}
