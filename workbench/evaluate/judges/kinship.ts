const FAMILIES: Readonly<Record<string, RegExp>> = {
  anthropic: /claude/,
  cohere: /command-|\baya\b/,
  deepseek: /deepseek/,
  google: /gemini|gemma/,
  meta: /llama/,
  microsoft: /\bphi[-\d]/,
  mistral: /mistral|mixtral|ministral|magistral/,
  openai: /\bgpt|chatgpt|(?:^|\/)o\d/,
  alibaba: /qwen|qwq/,
};

/**
 * Whose family a model's name speaks of; null where it does not say.
 * Worked value: `familyOf("meta-llama/Llama-3.1-8B")` is "meta".
 */
export function familyOf(model: string): string | null {
  const name = model.toLowerCase();
  return Object.entries(FAMILIES).find(([, pattern]) => pattern.test(name))?.[0] ?? null;
}

/** True where one model would judge its own kind: the same name up to its adapter, or the same family. */
export function areKin(one: string, other: string): boolean {
  const base = (model: string): string => model.toLowerCase().split("@")[0] ?? "";
  const family = familyOf(one);
  return base(one) === base(other) || (family !== null && family === familyOf(other));
}
