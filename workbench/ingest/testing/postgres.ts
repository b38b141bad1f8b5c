import { execFile, execFileSync } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";

const NOBODY = 65_534;

/** A PostgreSQL server of its own in a temporary folder, with a password and a certificate. */
export interface TestPostgres {
  /** Without password. */
  readonly url: string;
  readonly password: string;
  readonly certificate: string;
  readonly run: (...statements: readonly string[]) => Promise<void>;
  readonly stop: () => void;
}

/** The server refuses to run as root: then it runs as nobody. */
function asAnybody(command: string, args: readonly string[]): readonly [string, readonly string[]] {
  if (process.getuid?.() !== 0) return [command, args];
  return ["setpriv", [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", command, ...args]];
}

/** Starts a server with the programs in `bin`. */
export async function testPostgres(bin: string): Promise<TestPostgres> {
  const root = mkdtempSync(join(tmpdir(), "wb-postgres-"));
  const password = "only-for-this-test-9Zq";
  const [data, passwordFile] = [join(root, "data"), join(root, "password")];
  writeFileSync(passwordFile, password);
  mkdirSync(data, { mode: 0o700 });
  if (process.getuid?.() === 0)
    for (const path of [root, data, passwordFile]) chownSync(path, NOBODY, NOBODY);
  const call = async (command: string, ...args: readonly string[]): Promise<void> => {
    const [program, words] = asAnybody(command, args);
    await promisify(execFile)(program, [...words], { cwd: root });
  };
  await call(
    join(bin, "initdb"),
    "-D",
    data,
    "-U",
    "app",
    "-A",
    "scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--no-sync",
  );
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const [certificate, key] = [join(data, "server.crt"), join(data, "server.key")];
  await call(
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    certificate,
    ...names,
  );
  const port = await freePort();
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${root} -c ssl=on -c fsync=off`;
  await call(join(bin, "pg_ctl"), "-D", data, "-w", "-l", join(root, "log"), "-o", settings, "start");
  return {
    url: `postgres://app@localhost:${port}/postgres`,
    password,
    certificate,
    run: async (...statements) => {
      const client = new pg.Client({ host: "127.0.0.1", port, user: "app", database: "postgres", password });
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.end();
    },
    stop: () => {
      const [program, words] = asAnybody(join(bin, "pg_ctl"), ["-D", data, "-m", "immediate", "stop"]);
      execFileSync(program, [...words], { cwd: root });
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
