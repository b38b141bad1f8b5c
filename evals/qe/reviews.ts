/** A change under review. In `after`, `//! kind` or `#! kind` at a line's end plants a defect there. */
export interface Review {
  readonly name: string;
  readonly language: "javascript" | "python";
  readonly difficulty: "easy" | "medium" | "hard";
  readonly about: string;
  readonly before: string;
  readonly after: string;
}

export const REVIEWS: readonly Review[] = [
  {
    name: "pagination",
    language: "javascript",
    difficulty: "easy",
    about: "lists are shown page by page",
    before: `export function list(items) {
  return items.map(render);
}

function render(item) {
  return item.title.trim();
}
`,
    after: `const SIZE = 20;

export function list(items, page = 1) {
  const from = page * SIZE; //! boundary
  return items.slice(from, from + SIZE).map(render);
}

export function pages(items) {
  return Math.ceil(items.length / SIZE);
}

function render(item) {
  return item.title.trim();
}
`,
  },
  {
    name: "find-user",
    language: "python",
    difficulty: "easy",
    about: "users are looked up by name, not only by number",
    before: `def find(db, number):
    return db.execute("select * from users where id = ?", (number,)).fetchone()
`,
    after: `def find(db, number):
    return db.execute("select * from users where id = ?", (number,)).fetchone()


def find_by_name(db, name):
    query = f"select * from users where name = '{name}'" #! injection
    row = db.execute(query).fetchone()
    return row["email"].lower() #! missing-check
`,
  },
  {
    name: "upload",
    language: "javascript",
    difficulty: "easy",
    about: "files are stored in the cloud after they were checked",
    before: `export async function upload(store, file) {
  check(file);
  return file.name;
}
`,
    after: `const KEY = "sk-live-7f3a9b2c41d8"; //! secret

export async function upload(store, file) {
  check(file);
  store.put(file.name, file.bytes, { key: KEY }); //! missing-await
  return file.name;
}
`,
  },
  {
    name: "read-config",
    language: "python",
    difficulty: "medium",
    about: "the settings may come from several files",
    before: `import json


def load(path):
    with open(path) as file:
        return json.load(file)
`,
    after: `import json
import os


def load(paths):
    settings = {}
    for path in paths:
        if not os.path.exists(path):
            continue
        file = open(path) #! resource-leak
        try:
            settings.update(json.load(file))
        except ValueError:
            pass #! unhandled-error
    return settings


def flag(settings, name):
    return settings.get(name) in (True, "true", "1")
`,
  },
  {
    name: "discount",
    language: "javascript",
    difficulty: "medium",
    about: "regular customers get 10 % from 100 on",
    before: `export function total(items) {
  let cents = 0;
  for (const item of items) cents += item.cents * item.count;
  return cents;
}
`,
    after: `export function total(items, customer) {
  let cents = 0;
  for (const item of items) cents += item.cents * item.count;
  if (customer.regular || cents >= 10000) { //! condition
    cents = cents * 0.9; //! precision
  }
  return cents;
}

export function label(items, customer) {
  const cents = total(items, customer);
  return (cents / 100).toFixed(2) + " EUR";
}
`,
  },
  {
    name: "counter",
    language: "javascript",
    difficulty: "medium",
    about: "visits are counted in the database",
    before: `export async function visit(db, page) {
  log("visit", page);
  return db.get("page:" + page);
}
`,
    after: `export async function visit(db, page) {
  log("visit", page);
  const count = (await db.get("count:" + page)) ?? 0;
  await db.set("count:" + page, count + 1); //! race
  return db.get("page:" + page);
}

export async function busiest(db, pages) {
  const counts = await Promise.all(pages.map((page) => db.get("count:" + page)));
  const most = Math.max(...counts.map((count) => count ?? 0));
  return pages[counts.indexOf(most)];
}

export async function clear(db, pages) {
  for (const page of pages) {
    await db.delete("count:" + page);
  }
}
`,
  },
  {
    name: "window-mean",
    language: "python",
    difficulty: "medium",
    about: "alerts look at the mean of the last readings",
    before: `def alert(readings, limit):
    return readings[-1] > limit
`,
    after: `def mean_of_last(readings, count):
    part = readings[-count:]
    return sum(part) / len(part) #! missing-check


def alert(readings, limit, count=5):
    return mean_of_last(readings, count) > limit


def first_alert(readings, limit, count=5):
    for end in range(count, len(readings)): #! boundary
        if alert(readings[:end], limit, count):
            return end - 1
    return None
`,
  },
  {
    name: "retry",
    language: "javascript",
    difficulty: "hard",
    about: "calls that fail are tried again, with a growing wait",
    before: `export async function call(client, request) {
  return client.send(request);
}
`,
    after: `const MOST = 4;

export async function call(client, request, { sleep, signal }) {
  let wait = 100;
  for (let attempt = 1; attempt <= MOST; attempt++) {
    try {
      return await client.send(request, { signal });
    } catch (error) {
      if (error.status < 500 && error.status === 429) throw error; //! condition
      sleep(wait); //! missing-await
      wait *= 2;
    }
  }
  return null; //! unhandled-error
}

export function idempotent(request) {
  return ["GET", "PUT", "DELETE"].includes(request.method);
}
`,
  },
  {
    name: "archive",
    language: "python",
    difficulty: "hard",
    about: "old reports are packed and removed",
    before: `import subprocess


def pack(folder):
    subprocess.run(["tar", "czf", folder + ".tar.gz", folder], check=True)
`,
    after: `import os
import shutil
import subprocess


def pack(folder):
    target = folder + ".tar.gz"
    subprocess.run(f"tar czf {target} {folder}", shell=True) #! injection
    if not os.path.exists(target):
        raise RuntimeError("nothing was packed")
    shutil.rmtree(folder)
    return target


def old(folders, today, days):
    return [folder for folder in folders if age(folder, today) > days]


def age(folder, today):
    made = os.stat(folder).st_mtime
    return (today - made) / 3600 #! precision


def claim(path):
    if os.path.exists(path): #! race
        return False
    with open(path, "w") as file:
        file.write("taken")
    return True
`,
  },
  {
    name: "cache",
    language: "javascript",
    difficulty: "hard",
    about: "lookups are cached for a minute, and by tenant",
    before: `export function makeLookup(fetchRow) {
  return async function lookup(tenant, id) {
    return fetchRow(tenant, id);
  };
}
`,
    after: `const MINUTE = 60000;

export function makeLookup(fetchRow, now, most = 1000) {
  const cache = new Map();
  return async function lookup(tenant, id) {
    const key = tenant + id; //! condition
    const hit = cache.get(key);
    if (hit && now() - hit.at < MINUTE) return hit.row;
    const row = await fetchRow(tenant, id);
    cache.set(key, { row, at: now() });
    if (cache.size > most + 1) { //! boundary
      cache.delete(cache.keys().next().value);
    }
    return row;
  };
}

export function watch(source, lookup) {
  const timer = setInterval(() => lookup(source.tenant, source.id), MINUTE); //! resource-leak
  return {
    async latest() {
      return lookup(source.tenant, source.id);
    },
  };
}
`,
  },
];

const MARK = / (?:\/\/|#)! ([a-z-]+)$/;

/** The text without its marks, and the defects that they planted, by their line. */
export function planted(after: string): {
  readonly text: string;
  readonly defects: readonly { readonly line: number; readonly kind: string }[];
} {
  const lines = after.split("\n");
  const defects = lines.flatMap((line, i) => {
    const kind = MARK.exec(line)?.[1];
    return kind === undefined ? [] : [{ line: i + 1, kind }];
  });
  return { text: lines.map((line) => line.replace(MARK, "")).join("\n"), defects };
}

/** A unified diff of two small texts in one hunk, with all of their lines. */
export function diffOf(name: string, before: string, after: string): string {
  const [a, b] = [before.trimEnd().split("\n"), after.trimEnd().split("\n")];
  // Longest common subsequence, from the ends.
  const length = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i]![j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out = [`--- a/${name}`, `+++ b/${name}`, `@@ -1,${a.length} +1,${b.length} @@`];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) [out[out.length], i, j] = [` ${a[i]}`, i + 1, j + 1];
    else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) out.push(`-${a[i++]}`);
    else out.push(`+${b[j++]}`);
  }
  return `${out.join("\n")}\n`;
}
