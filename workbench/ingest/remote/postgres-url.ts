import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";

export const SSL_MODES = ["disable", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** A server, without any secret. */
export interface PostgresPlace {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly database: string | undefined;
  readonly sslMode: SslMode;
  /** Path of the certificates that are trusted instead of the system's. */
  readonly sslRootCert: string | undefined;
  /** Fit to be shown and kept: no password, no parameters. */
  readonly shown: string;
}

export const isPostgresUrl = (name: string): boolean => /^postgres(?:ql)?:\/\//i.test(name);

/**
 * Reads `postgres://user@host:port/database?sslmode=…&sslrootcert=…&host=/socket/folder` as libpq
 * does, but for two things: a password in it is refused, because command lines and configurations are
 * read by others; and a host that is not this machine is asked for a certificate unless `sslmode`
 * says otherwise.
 */
export function postgresPlace(text: string): PostgresPlace {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !isPostgresUrl(text)) throw invalid("is not postgres://user@host/database");
  if (url.password !== "") throw invalid("holds a password");
  const asked = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const strange = [...url.searchParams.keys()].find((name) => !KNOWN.has(name));
  if (strange !== undefined) throw invalid(`has a parameter ${quoted(strange)} that is not known`);
  const host = asked("host") ?? (url.hostname === "" ? undefined : decodeURIComponent(url.hostname));
  const sslMode = asked("sslmode") ?? (isThisMachine(host) ? "disable" : "verify-full");
  if (!isSslMode(sslMode)) throw invalid(`has an sslmode that is none of ${SSL_MODES.join(", ")}`);
  const port = asked("port") ?? url.port;
  const user = url.username === "" ? asked("user") : decodeURIComponent(url.username);
  const database = decodeURIComponent(url.pathname.slice(1)) || undefined;
  return {
    host,
    port: port === "" ? undefined : Number(port),
    user,
    database,
    sslMode,
    sslRootCert: asked("sslrootcert"),
    shown: `postgres://${host ?? "localhost"}${port === "" ? "" : `:${port}`}/${database ?? ""}`,
  };
}

const KNOWN = new Set(["host", "port", "user", "sslmode", "sslrootcert"]);

const isSslMode = (text: string): text is SslMode => (SSL_MODES as readonly string[]).includes(text);

const isThisMachine = (host: string | undefined): boolean =>
  host === undefined || host.startsWith("/") || /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);

/** The address is not quoted: it may hold the password that it should not. */
function invalid(what: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where: "postgres://…",
    what: `the address of the database ${what}`,
    why: "a password is named by its environment variable (--password-env, passwordEnv), PGPASSWORD by default",
    fix: "write postgres://user@host:5432/database?sslmode=verify-full",
  });
}
