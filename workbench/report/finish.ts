import { createHash } from "node:crypto";
import { join } from "node:path";
import { replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { filesBelow, readText } from "./files.ts";

/** Puts right in every built page what Framework leaves open: language, zoom, content security policy. */
export async function finishPages(dist: string, effects: Effects): Promise<void> {
  for (const path of await filesBelow(dist, effects)) {
    if (!path.endsWith(".html")) continue;
    const file = join(dist, path);
    await replaceFile(file, finishPage(await readText(file, effects)), effects);
  }
}

/** One page: `lang`, no zoom lock, and a policy that runs this page's own scripts and nothing else. */
export function finishPage(page: string): string {
  const hashes = [...page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, body]) =>
      `'sha256-${createHash("sha256")
        .update(body ?? "")
        .digest("base64")}'`,
  );
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${[...new Set(hashes)].join(" ")}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return page
    .replace(/<html>/, '<html lang="en">')
    .replace(", maximum-scale=1", "")
    .replace(
      /<meta charset="utf-8">/,
      `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    );
}
