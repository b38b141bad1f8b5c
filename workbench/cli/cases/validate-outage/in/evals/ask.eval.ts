import { chat, exact, jsonl, suite } from "workbench";

export default suite("ask", {
  arms: { baseline: "ghost", candidate: "ghost" },
  data: jsonl("evals/data/sums.jsonl"),
  task: chat({ user: (s: { readonly input: unknown }) => String(s.input), maxTokens: 5 }),
  scorers: [exact()],
});
