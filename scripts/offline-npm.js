// Observable Framework asks two hosts for what a page imports: the package registry for a version and
// cdn.jsdelivr.net for the code. Both are answered here from node_modules instead, so that a report
// builds with the packages package-lock.json pins and with no network at all. Import this from
// observablehq.config.js, which Framework reads before it resolves anything.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ABSENT = "0.0.0-not-installed";
const TYPES = {
  ".js": "application/javascript",
  ".mjs": "application/javascript",
  ".json": "application/json",
};

/** @param {{root: string, shared?: string[]}} options shared: packages kept as one file of their own rather than copied into each package that imports them */
export function offlineNpm({ root, shared = [] }) {
  process.env.OBSERVABLE_TELEMETRY_DISABLE ??= "1";
  const cwd = resolve(".");
  forgetOldPackages(
    join(root, ".observablehq", "cache"),
    [join(cwd, "package-lock.json"), fileURLToPath(import.meta.url)],
    shared,
  );
  globalThis.fetch = async (input) => {
    const { host, pathname } = new URL(input.url ?? input);
    if (host.startsWith("registry.")) {
      const { name } = parse(decodeURIComponent(pathname.slice(1)));
      const version = installed(cwd, name)?.version ?? ABSENT;
      return Response.json({ version, versions: { [version]: {} } });
    }
    if (host === "cdn.jsdelivr.net" && pathname.startsWith("/npm/"))
      return serve(cwd, parse(pathname.slice(5)), shared);
    throw new Error(`reports are built offline, so ${host}${pathname} is out of reach`);
  };
}

async function serve(cwd, { name, version, path }, shared) {
  const found = installed(cwd, name);
  if (found?.version !== version)
    throw new Error(
      `a report imports npm:${name}, but ${found ? `${name}@${version} is wanted and ${found.version} is` : "it is not"} installed: npm install --save-dev ${name}${found ? `@${version}` : ""}`,
    );
  if (!path.endsWith("+esm")) {
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    return new Response(await readFile(join(found.dir, path)), { headers: { "content-type": type } });
  }
  const entry = [name, path.slice(0, -"+esm".length).replace(/\/$/, "")].filter(Boolean).join("/");
  const {
    outputFiles: [file],
  } = await build({
    entryPoints: [entry],
    absWorkingDir: cwd,
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    legalComments: "none",
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [
      {
        name: "shared",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^[^./]/ }, ({ path: id, kind }) =>
            kind !== "entry-point" && shared.includes(id)
              ? { path: `/npm/${id}@${installed(cwd, id).version}/+esm`, external: true }
              : undefined,
          ),
      },
    ],
  });
  return new Response(file.text, { headers: { "content-type": "application/javascript" } });
}

/** Splits "@scope/name@1.2.3/some/path". */
function parse(spec) {
  const [, name, version, path = ""] = /^((?:@[^/]+\/)?[^/@]+)(?:@([^/]+))?(?:\/(.*))?$/.exec(spec);
  return { name, version, path };
}

function installed(from, name) {
  for (let at = from; ; at = dirname(at)) {
    const dir = join(at, "node_modules", name);
    if (existsSync(join(dir, "package.json")))
      return { dir, version: JSON.parse(readFileSync(join(dir, "package.json"), "utf8")).version };
    if (at === dirname(at)) return null;
  }
}

/** Framework never re-resolves a package that its cache holds, so a changed lockfile must empty that cache. */
function forgetOldPackages(cache, files, shared) {
  const stamp = join(cache, "offline-npm");
  const hash = createHash("sha256").update(shared.join());
  for (const file of files) if (existsSync(file)) hash.update(readFileSync(file));
  const now = hash.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === now) return;
  for (const dir of ["_npm", "_node"]) rmSync(join(cache, dir), { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, now);
}
