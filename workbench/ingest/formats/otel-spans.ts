import type { JsonRecord } from "../parse.ts";
import type { Format } from "./format.ts";
import { has, listOf, recordOf, textOf } from "./format.ts";
import { genAiInteraction } from "./otel-genai.ts";
import type { Telemetry } from "./otel-genai.ts";
import { attributesOf } from "./otel-values.ts";

/** OTLP JSON lines of traces: one line, many spans, each a row (`part` numbers them). */
export const otelSpans: Format = {
  name: "otel-spans",
  version: 3,
  matches: (record) => has(record, "resourceSpans"),
  map: (record, note) => ({
    interactions: listOf(record["resourceSpans"]).flatMap((group) => {
      const resource = attributesOf(recordOf(recordOf(group)["resource"])["attributes"]);
      return listOf(recordOf(group)["scopeSpans"])
        .flatMap((scope) => listOf(recordOf(scope)["spans"]))
        .map((span) => genAiInteraction(telemetryOf(recordOf(span), resource), note));
    }),
  }),
  fields: {
    "resourceSpans[].resource": "mapped",
    "resourceSpans[].schemaUrl": "extra",
    "resourceSpans[].scopeSpans[].scope": "extra",
    "resourceSpans[].scopeSpans[].schemaUrl": "extra",
    "resourceSpans[].scopeSpans[].spans": "mapped",
    "resourceSpans[].scopeSpans[].spans[].name": "dropped because operation and model say it",
    "resourceSpans[].scopeSpans[].spans[].kind": "dropped because it says client or server only",
    "resourceSpans[].scopeSpans[].spans[].events": "extra",
    "resourceSpans[].scopeSpans[].spans[].links": "extra",
    "resourceSpans[].scopeSpans[].spans[].traceState": "extra",
    "resourceSpans[].scopeSpans[].spans[].flags": "extra",
  },
};

function telemetryOf(span: JsonRecord, resource: JsonRecord): Telemetry {
  const status = recordOf(span["status"]);
  const failed = status["code"] === 2 || status["code"] === "STATUS_CODE_ERROR";
  return {
    attributes: attributesOf(span["attributes"]),
    resource,
    traceId: textOf(span["traceId"]),
    spanId: textOf(span["spanId"]),
    parentId: textOf(span["parentSpanId"]),
    start: span["startTimeUnixNano"] ?? null,
    end: span["endTimeUnixNano"] ?? null,
    error: failed ? (textOf(status["message"]) ?? "the span failed") : null,
  };
}
