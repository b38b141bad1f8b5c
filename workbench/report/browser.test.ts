import { createServer } from "node:http";
import type { Server } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requires } from "../testing/requires.ts";
import type { BuildReport } from "./build.ts";
import { buildReport } from "./build.ts";
import { costFixture } from "./testing/costs.ts";
import { fixtureProject } from "./testing/fixture.ts";
import { HOSTILE } from "./testing/hostile.ts";
import { fillStore } from "./testing/store.ts";

const executablePath = requires("chromium");
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
};
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const AXE_RUN =
  "axe.run().then((r) => r.violations.map((v) => `${v.id} ${v.nodes[0].target} ${v.nodes[0].failureSummary}`))";

/** A page is mostly waited for, so several are opened together. */
async function fourAtOnce<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < all.length; i += 4) await Promise.all(all.slice(i, i + 4).map(work));
}

describe.skipIf(executablePath === null)("the built pages in a real browser", () => {
  let built: BuildReport;
  let server: Server;
  let browser: Browser;
  let origin: string;
  beforeAll(async () => {
    const hostile = HOSTILE.join(" ");
    const project = await fixtureProject(hostile);
    await fillStore(project, hostile);
    built = await buildReport({ project, costs: costFixture(hostile) });
    server = createServer((request, response) => {
      const path = decodeURI((request.url ?? "/").split(/[?#]/)[0] ?? "/");
      readFile(join(built.dist, path.endsWith("/") ? `${path}index.html` : path)).then(
        (bytes) => response.setHeader("content-type", TYPES[extname(path)] ?? "text/html").end(bytes),
        () => response.writeHead(404).end(),
      );
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: FLAGS.split(" ") });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  const kinds = (): readonly string[] => {
    const pages = built.pages.map((path) => path.replace(/\.md$/, ".html"));
    return ["methods.html", ...pages];
  };

  /** Opens a page and gathers whatever it did that it must not do. */
  const open = async (
    path: string,
    colorScheme: "light" | "dark",
    width: number,
  ): Promise<{ page: Page; wrong: string[] }> => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on(
      "request",
      (request) =>
        request.url().startsWith(origin) ||
        request.url().startsWith("data:") ||
        wrong.push(`asked ${request.url()}`),
    );
    page.on("console", (message) => message.type() === "error" && wrong.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => wrong.push(`threw: ${error.message}`));
    await page.goto(`${origin}/${path}`, { waitUntil: "networkidle" });
    return { page, wrong };
  };

  test("every page, light and dark, wide and narrow: nothing leaves, nothing fails, nothing scrolls sideways", async () => {
    const looks = kinds().flatMap((path) => [
      { path, scheme: "light", width: 1280 } as const,
      { path, scheme: "dark", width: 390 } as const,
    ]);
    await fourAtOnce(looks, async ({ path, scheme, width }) => {
      const { page, wrong } = await open(path, scheme, width);
      expect(wrong, path).toEqual([]);
      expect(
        await page.evaluate("document.documentElement.scrollWidth - innerWidth"),
        path,
      ).toBeLessThanOrEqual(0);
      expect(await page.evaluate("window.pwned"), path).toBeUndefined();
      expect(
        await page.evaluate("document.querySelectorAll('main img, main iframe, main style').length"),
        path,
      ).toBe(0);
      await page.context().close();
    });
  });

  test("no page breaks a rule of accessibility, in light or dark", async () => {
    const kind = (prefix: string): string => kinds().find((path) => path.startsWith(prefix)) ?? "index.html";
    const source = await readFile(axe, "utf8");
    const paths = [
      "index.html",
      "methods.html",
      "cost.html",
      "overview.html",
      kind("experiments/"),
      "runs/aaaaaaaaaaaa.html",
      "runs/bbbbbbbbbbbb.html",
      kind("datasets/"),
    ];
    const looks = paths.flatMap((path) => (["light", "dark"] as const).map((scheme) => ({ path, scheme })));
    await fourAtOnce(looks, async ({ path, scheme }) => {
      const { page } = await open(path, scheme, 1280);
      // Through the debugger, so that the page's own policy (no foreign scripts) can stay as strict as it is.
      await page.evaluate(source);
      const violations = await page.evaluate<string[]>(AXE_RUN);
      expect(violations, `${path} ${scheme}`).toEqual([]);
      await page.context().close();
    });
  });

  test("the sample browser filters, keeps its filter in the address, and opens a row as text", async () => {
    const { page, wrong } = await open("runs/bbbbbbbbbbbb.html", "light", 1280);
    await page.selectOption("select >> nth=0", "candidate");
    await page.selectOption("select >> nth=1", "wrong");
    expect(await page.textContent("#samples p.muted")).toBe("34 answers, 34 shown");
    expect(page.url()).toContain("arm=candidate");
    await page.click("#samples tbody tr:nth-child(1) button");
    await page.waitForSelector("tr.opened");
    expect(await page.textContent("tr.opened")).toContain(HOSTILE[0]);
    expect(wrong).toEqual([]);
    expect(await page.evaluate("window.pwned")).toBeUndefined();
  });

  test("the overview is told without its charts, and its tables are reached by the keyboard", async () => {
    const { page } = await open("overview.html", "light", 390);
    const labels = await page.evaluate<string[]>(
      "[...document.querySelectorAll('main svg[role=img]')].map((one) => one.getAttribute('aria-label'))",
    );
    expect(labels).toHaveLength(4);
    expect(labels.join(" ")).toContain("desk 30");
    await page.focus("main summary");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toContain("per day");
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    await page.context().close();
  });

  test("a page reads without JavaScript", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const pages = kinds().filter((name) => name.startsWith("experiments/"));
    const texts = await Promise.all(pages.map((name) => readFile(join(built.dist, name), "utf8")));
    const path = pages.find((_, i) => texts[i]?.includes('class="verdict go"')) ?? "";
    await page.goto(`${origin}/${path}`);
    const text = await page.innerText("main");
    for (const word of ["Effects", "+20.0 points", "[+14.0, +26.0]", "Cost", "Provenance"])
      expect(text).toContain(word);
    await context.close();
  });
});
