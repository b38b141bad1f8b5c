import { expect, test } from "vitest";
import { openCatalog } from "../catalog/catalog.ts";
import { lines, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";

const asked = (id: string, text: string): object => ({
  custom_id: id,
  method: "POST",
  url: "/v1/chat/completions",
  body: {
    model: "m",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: text },
    ],
    max_tokens: 9,
  },
});
const answered = (id: string, text: string): object => ({
  id: `batch_req_${id}_${text}`,
  custom_id: id,
  response: {
    status_code: 200,
    request_id: "r",
    body: {
      id: `chatcmpl-${id}-${text}`,
      object: "chat.completion",
      created: 1763596801,
      model: "m-1",
      choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    },
  },
  error: null,
});
const expired = (id: string): object => ({
  id: `batch_req_${id}`,
  custom_id: id,
  response: null,
  error: { code: "batch_expired", message: "too late" },
});

async function calls(at: TestProject): Promise<unknown[]> {
  const rows = (await at.rows()).map((row) => [
    row.system,
    row.messages.map(({ content }) => content).join("|"),
    row.output[0]?.content ?? row.error?.code,
  ]);
  const catalog = await openCatalog(at.project);
  const seen = await catalog.rows<{ said: string | null }>(
    "select messages[1].content as said from interactions",
  );
  catalog.close();
  expect(seen.map(({ said }) => said ?? "").sort()).toEqual(
    rows.map(([, said]) => String(said).split("|")[0]).sort(),
  );
  return rows.sort((a, b) => (String(a[2]) < String(b[2]) ? -1 : 1));
}

test("a batch's outputs and errors get their requests, whichever file comes first", async () => {
  const files = {
    in: [asked("a", "one?"), asked("b", "two?"), asked("c", "three?")],
    out: [answered("b", "Two."), answered("a", "One.")],
    err: [expired("c")],
  };
  for (const order of [
    ["in", "out", "err"],
    ["err", "out", "in"],
  ] as const) {
    const at = await testProject();
    for (const name of order) await at.ingest(await at.write(`${name}.jsonl`, lines(files[name])));
    expect(await calls(at)).toEqual([
      ["Be brief.", "one?", "One."],
      ["Be brief.", "two?", "Two."],
      ["Be brief.", "three?", "batch_expired"],
    ]);
    const [row] = await at.rows();
    expect(row).toMatchObject({ model_requested: "m", params: { max_tokens: 9 } });
  }
});

test("a custom_id that two batches use is joined under one label, and never to the wrong request", async () => {
  const at = await testProject();
  const put = async (name: string, records: readonly object[], label: string): Promise<void> => {
    await at.ingest(await at.write(name, lines(records)), { label });
  };
  await put("in1.jsonl", [asked("a", "first?")], "monday");
  await put("out1.jsonl", [answered("a", "First.")], "monday");
  await put("in2.jsonl", [asked("a", "second?")], "tuesday");
  await put("out2.jsonl", [answered("a", "Second.")], "tuesday");
  await put("out3.jsonl", [answered("a", "Third.")], "nobody");
  expect(await calls(at)).toEqual([
    ["Be brief.", "first?", "First."],
    ["Be brief.", "second?", "Second."],
    [null, "", "Third."],
  ]);
});

test("batches of the Responses API are read too", async () => {
  const at = await testProject();
  const request = {
    custom_id: "r1",
    method: "POST",
    url: "/v1/responses",
    body: { model: "m", instructions: "Be brief.", input: "Where?" },
  };
  const output = [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Here." }] }];
  const body = {
    id: "resp_1",
    object: "response",
    created_at: 1763596801,
    status: "completed",
    model: "m-1",
    output,
    usage: { input_tokens: 3, output_tokens: 2 },
  };
  const reply = {
    id: "batch_req_1",
    custom_id: "r1",
    response: { status_code: 200, request_id: "r", body },
    error: null,
  };
  await at.ingest([
    await at.write("in.jsonl", lines([request])),
    await at.write("out.jsonl", lines([reply])),
  ]);
  expect(await calls(at)).toEqual([["Be brief.", "Where?", "Here."]]);
  expect((await at.rows())[0]).toMatchObject({
    input_tokens: 3,
    source_id: "resp_1",
    extra: expect.not.objectContaining({ "response.body.output": expect.anything() }),
  });
});

test("the events of one span are one call, in their order", async () => {
  const at = await testProject();
  const event = (span: string, name: string, body: object, at: string): object => ({
    name,
    attributes: { "gen_ai.system": "openai" },
    body,
    trace_id: "t1",
    span_id: span,
    timestamp: `2026-01-01T00:00:0${at}Z`,
  });
  const events = [
    event("s1", "gen_ai.system.message", { content: "Be brief." }, "1"),
    event("s1", "gen_ai.user.message", { content: "Where is P42?" }, "2"),
    event(
      "s1",
      "gen_ai.choice",
      {
        index: 0,
        finish_reason: "tool_calls",
        message: {
          tool_calls: [{ id: "c1", type: "function", function: { name: "find", arguments: "{}" } }],
        },
      },
      "3",
    ),
    event("s2", "gen_ai.user.message", { content: "Where is P42?" }, "4"),
    event(
      "s2",
      "gen_ai.assistant.message",
      { tool_calls: [{ id: "c1", type: "function", function: { name: "find", arguments: "{}" } }] },
      "5",
    ),
    event("s2", "gen_ai.tool.message", { id: "c1", content: "on its way" }, "6"),
    event("s2", "gen_ai.choice", { index: 0, finish_reason: "stop", message: { content: "It left." } }, "7"),
  ];
  await at.ingest(await at.write("a.jsonl", lines(events)));
  const rows = [...(await at.rows())].sort((a, b) => a.line_no - b.line_no);
  expect(
    rows.map(({ system, messages }) => [
      system,
      messages.map(({ role, content }) => `${role}:${content ?? ""}`),
    ]),
  ).toEqual([
    ["Be brief.", ["user:Where is P42?"]],
    [null, ["user:Where is P42?", "assistant:", "tool:on its way"]],
  ]);
});
