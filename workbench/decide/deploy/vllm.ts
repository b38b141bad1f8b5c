import { z } from "zod";
import type { TargetOf } from "../../schema/deploy.ts";
import type { Effects } from "../../store/effects.ts";
import type { ModelVersion } from "../registry.ts";
import { deployFailed, filledText, type Hook } from "./hook.ts";
import { complete, must, parsedAs, request } from "./http.ts";

const Prior = z.object({ loaded: z.boolean() });
const Models = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

/**
 * vLLM: an adapter is loaded under its versioned name, and what serves before stays loaded. A reply of
 * 200 is no proof of new weights: the canary's answer must be the certified one and not the base's.
 */
export function vllmHook(target: TargetOf<"vllm">, { effects }: { readonly effects: Effects }): Hook {
  const nameOf = ({ version }: ModelVersion): string => `${target.model}-${version}`;
  const isLoaded = async (version: ModelVersion): Promise<boolean> => {
    const { data } = parsedAs(Models, await must(target, "/v1/models", {}, effects), target);
    return data.some(({ id }) => id === nameOf(version));
  };
  return {
    plan: async (version) => ({
      prior: { loaded: await isLoaded(version) },
      steps: [
        `load ${filledText(target.adapterPath, version)} as ${nameOf(version)}`,
        "probe: listed, canary answered as certified and not as by the base",
      ],
    }),
    apply: async (version) => {
      if (await isLoaded(version)) return;
      const body = { lora_name: nameOf(version), lora_path: filledText(target.adapterPath, version) };
      const { status, text } = await request(target, "/v1/load_lora_adapter", { body }, effects);
      if (status === 404)
        throw deployFailed(
          target.name,
          "this vLLM does not load adapters while it runs",
          "start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True",
        );
      if (status >= 300)
        throw deployFailed(target.name, `load_lora_adapter answered ${status}`, text.slice(0, 200));
    },
    probe: async (version) => {
      if (!(await isLoaded(version))) return `${nameOf(version)} is not listed`;
      const { prompt, expect } = target.canary;
      const base = await complete(target, { model: target.base, prompt }, effects);
      if (base.text === expect.trim())
        return "the base answers the canary as the adapter must: it proves nothing";
      const adapted = await complete(target, { model: nameOf(version), prompt }, effects);
      if (adapted.text === base.text) return "the adapter answers the canary as its base does";
      return adapted.text === expect.trim() ? null : "the canary has another answer than the certified one";
    },
    revert: async (version, before) => {
      if (Prior.parse(before).loaded || !(await isLoaded(version))) return;
      await effects.sleep(target.drainSeconds * 1000);
      await must(target, "/v1/unload_lora_adapter", { body: { lora_name: nameOf(version) } }, effects);
    },
  };
}
