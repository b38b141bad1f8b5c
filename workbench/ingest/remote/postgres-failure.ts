import { WorkbenchError } from "../../errors/error.ts";
import type { PostgresPlace } from "./postgres-url.ts";

interface Failure {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** SQLSTATE classes: 28 the login, 08 and 57P the connection. Others are five characters too. */
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** What PostgreSQL or the network said, as an error that a user can act on; our own errors pass. */
export function failure(error: unknown, { shown }: PostgresPlace): unknown {
  if (error instanceof WorkbenchError || !(error instanceof Error)) return error;
  const { code, message } = error as Failure;
  const why = String(message).split("\n")[0] ?? "";
  const state = typeof code === "string" && SQLSTATE.test(code) ? code : null;
  if (state?.startsWith("28") || /password/i.test(why))
    return new WorkbenchError({
      code: "WB_KEY_REFUSED",
      where: shown,
      what: "the database refuses the user or the password",
      why,
      fix: "put the password into the environment variable that --password-env names (default PGPASSWORD)",
      cause: error,
    });
  if (state === null || state.startsWith("08") || state.startsWith("57P"))
    return new WorkbenchError({
      code: "WB_ENDPOINT_DOWN",
      where: shown,
      what: "the database cannot be reached, or went away",
      why,
      fix: "check host, port and sslmode; nothing of this source was kept, run the same command again",
      cause: error,
    });
  return new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where: shown,
    what: `the database refuses to read this (${state})`,
    why,
    fix: "check the name of the table, or try the query with psql",
    cause: error,
  });
}
