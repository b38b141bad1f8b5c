import { createHmac } from "node:crypto";
import type { TargetOf } from "../../schema/deploy.ts";
import { canonical } from "../../schema/canonical.ts";
import type { Effects } from "../../store/effects.ts";
import type { ModelVersion } from "../registry.ts";
import { deployFailed, deployedOf, deployInvalid, type Hook } from "./hook.ts";
import { probeName, request } from "./http.ts";

const ATTEMPTS = 3;

/**
 * A webhook in the form of the Standard Webhooks specification: `webhook-id` names the deployment and
 * what is asked, so that a repeat is known as one; `webhook-signature` is `v1,` and the base64
 * HMAC-SHA256 of `id.timestamp.body`. The receiver keeps what was there before.
 */
export function webhookHook(target: TargetOf<"webhook">, { effects }: { readonly effects: Effects }): Hook {
  const send = async (action: "apply" | "revert", version: ModelVersion, id: string): Promise<void> => {
    const body = canonical({
      schema: "workbench/deploy-event@1",
      id,
      action,
      target: target.name,
      version: deployedOf(version),
    });
    for (let attempt = 1; ; attempt++) {
      const headers = signed(target, { id: `${id}:${action}`, body }, effects);
      const reply = await request(target, "", { bytes: Buffer.from(body), headers }, effects).catch(
        (thrown: unknown) => {
          if (attempt === ATTEMPTS) throw thrown;
          return { status: 503, text: "" };
        },
      );
      if (reply.status < 300) return;
      if (reply.status < 500 || attempt === ATTEMPTS)
        throw deployFailed(target.name, `the webhook answered ${reply.status}`, reply.text.slice(0, 200));
      await effects.sleep(500 * 2 ** attempt);
    }
  };
  return {
    plan: async () => {
      secretOf(target, effects);
      return { prior: null, steps: [`POST ${new URL(target.url).origin}: apply`] };
    },
    apply: (version, _prior, id) => send("apply", version, id),
    probe: (version) => probeName(target, version, effects),
    revert: (version, _prior, id) => send("revert", version, id),
  };
}

function signed(
  target: TargetOf<"webhook">,
  { id, body }: { readonly id: string; readonly body: string },
  effects: Effects,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(effects.now().getTime() / 1000));
  const mac = createHmac("sha256", secretOf(target, effects)).update(`${id}.${timestamp}.${body}`);
  return {
    "content-type": "application/json",
    "idempotency-key": id,
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${mac.digest("base64")}`,
  };
}

/** A secret written `whsec_<base64>`, as the specification has it, or any other text as it stands. */
function secretOf({ name, secretEnv }: TargetOf<"webhook">, effects: Effects): Buffer {
  const text = effects.env(secretEnv);
  if (text === undefined || text === "")
    throw deployInvalid(`deploy.${name}.secretEnv`, `${secretEnv} is not set`, `export ${secretEnv}=…`);
  return text.startsWith("whsec_") ? Buffer.from(text.slice(6), "base64") : Buffer.from(text);
}
