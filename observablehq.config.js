import { offlineNpm } from "./scripts/offline-npm.js";

// Framework reads this file before it resolves anything, in build and in preview alike, so this is
// where the network is taken out of it: see docs/design/010-offline-reports.md.
const root = "reports";
offlineNpm({ root });

const PAGES = [
  ["Decisions", "/"],
  ["Overview", "/overview"],
  ["Cost", "/cost"],
  ["Methods", "/methods"],
];

export default {
  root,
  title: "Workbench",
  style: "style.css",
  globalStylesheets: [], // the default asks a font host in the reader's browser
  head: '<link rel="icon" href="data:,">', // otherwise every page asks for an icon that is not there
  base: process.env.BASE ?? "/",
  preserveExtension: true, // file hosts without clean addresses, and file://, work too
  preserveIndex: true,
  duckdb: { extensions: { json: null, parquet: null } }, // they would be fetched at build time
  interpreters: { ".ts": ["node"] },
  sidebar: false, // its toggle lies outside every landmark
  pager: false,
  toc: false,
  header: `<nav aria-label="Pages">${PAGES.map(([name, path]) => `<a href="${path}">${name}</a>`).join(" ")}</nav>`,
  pages: PAGES.map(([name, path]) => ({ name, path })),
  footer: "Built offline by the workbench. Every figure names the file it came from.", // the default stamps today
};
