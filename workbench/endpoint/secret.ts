import { inspect } from "node:util";
import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "../store/effects.ts";

/** A key that prints as `[secret]` wherever text is made of it, and is given only to its own origin. */
export interface Secret {
  /** The key for requests to `origin`; throws for any other. */
  readonly revealFor: (origin: string) => string;
  readonly toString: () => string;
  readonly toJSON: () => string;
}

/** Binds a key to the one origin (scheme, host, port) it may be sent to. */
export function secretFor(origin: string, value: string): Secret {
  const print = (): string => "[secret]";
  const secret = {
    revealFor: (asked: string): string => {
      if (asked === origin) return value;
      throw new WorkbenchError({
        code: "WB_KEY_REFUSED",
        where: asked,
        what: "this key belongs to another origin",
        why: `it is bound to ${origin}`,
        fix: "give this endpoint a keyEnv of its own",
      });
    },
    toString: print,
    toJSON: print,
    [inspect.custom]: print,
  };
  return Object.freeze(secret);
}

/** Reads the key from the variable a configuration names. Null when it names none. */
export function secretFromEnv(keyEnv: string | undefined, origin: string, effects: Effects): Secret | null {
  if (keyEnv === undefined) return null;
  const value = effects.env(keyEnv)?.trim() ?? "";
  if (value === "")
    throw new WorkbenchError({
      code: "WB_KEY_MISSING",
      where: origin,
      what: `the variable ${keyEnv} is not set`,
      fix: `export ${keyEnv}=…, or remove keyEnv if the endpoint takes no key`,
    });
  if (/[^\x21-\x7e]/.test(value))
    throw new WorkbenchError({
      code: "WB_KEY_REFUSED",
      what: `the variable ${keyEnv} holds blanks or control characters`,
      why: "a key travels in one header line",
      fix: `set ${keyEnv} to the key alone`,
    });
  return secretFor(origin, value);
}
