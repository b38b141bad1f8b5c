import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { expect, test } from "vitest";
import { realEffects } from "../../store/effects.ts";
import type { Limits } from "./limits.ts";
import { runIsolated, type Ended, type Mode } from "./run.ts";

/** `WB_REQUIRE_ALL` makes a machine without the sandbox a failure. */
const probe = await runIsolated({ command: ["true"] });
const isThere = probe.kind === "ended" && probe.exit === 0;
const required = process.env["WB_REQUIRE_ALL"] === "1";
const boxed = test.skipIf(!isThere && !required);

async function python(source: string, limits: Partial<Limits> = {}, mode: Mode = "bwrap"): Promise<Ended> {
  const files = { "main.py": source };
  const done = await runIsolated({ command: ["python3", "-I", "main.py"], files, limits, mode });
  if (done.kind === "refused") throw new Error(done.reason);
  return done;
}

boxed("a program gets its files and its input, and gives its output and exit", async () => {
  const source = "import sys\nprint(sys.stdin.read() + open('sub/a.txt').read())\nsys.exit(3)";
  const done = await runIsolated({
    command: ["python3", "-I", "main.py"],
    files: { "main.py": source, "sub/a.txt": "there" },
    stdin: "hello ",
  });
  expect(done).toEqual({
    kind: "ended",
    mode: "bwrap",
    exit: 3,
    stdout: "hello there\n",
    stderr: "",
    timedOut: false,
    stopped: null,
  });
});

boxed("a fork bomb is held to its number of processes", async () => {
  const source = `import os, time
n = 0
try:
  while True:
    if os.fork() == 0: time.sleep(9); os._exit(0)
    n += 1
except OSError: print(n, flush=True)
os._exit(0)`;
  const done = await python(source, { processes: 20 });
  expect(Number(done.stdout)).toBeGreaterThan(10);
  expect(Number(done.stdout)).toBeLessThan(20);
});

boxed(
  "memory: one process fails or is stopped, many together or a shared one are stopped, files have a size",
  async () => {
    const limits = { memoryMb: 200 };
    const one = await python("x = []\nwhile True: x.append(bytearray(1 << 20))", limits);
    expect(one.stopped ?? one.stderr).toMatch(/MemoryError|memory/);
    const many = `import os, time
for i in range(8):
  if os.fork() == 0:
    x = bytearray(b'x' * (90 << 20)); time.sleep(9); os._exit(0)
time.sleep(9)`;
    expect((await python(many, limits)).stopped).toBe("memory");
    const shared = `import mmap, time
m = mmap.mmap(-1, 900 << 20)
while True: m.write(b'x' * (1 << 20)) if m.tell() < (899 << 20) else time.sleep(1)`;
    expect((await python(shared, limits)).stopped).toBe("memory");
    const file = `import os
for folder in ('/tmp', '/box', '/dev/shm'):
  try:
    with open(folder + '/big', 'wb') as f:
      while True: f.write(b'x' * (1 << 20))
  except OSError as e: print(e.errno, os.path.getsize(folder + '/big') >> 20 <= 50)`;
    expect((await python(file, limits)).stdout).toBe("28 True\n".repeat(3));
  },
);

boxed("no network: a server of this machine is not reached", async () => {
  let met = 0;
  const server = createServer((socket) => {
    met++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const source = `import socket\nsocket.create_connection(('127.0.0.1', ${port}), 2)`;
  const done = await python(source);
  await new Promise((resolve) => server.close(resolve));
  expect([done.exit, met]).toEqual([1, 0]);
  expect(done.stderr).toContain("refused");
});

boxed("no home, no environment, no other process, nothing to write to but its own", async () => {
  process.env["WORKBENCH_TEST_SECRET"] = "s3cret-value";
  const source = `import glob, os
for path in (${JSON.stringify(homedir())}, ${JSON.stringify(process.cwd())}, '/root', '/etc/passwd', '/home'):
  print(os.path.exists(path))
print(len(glob.glob('/proc/[0-9]*')) <= 3, 's3cret' in str(os.environ))
for pid in glob.glob('/proc/[0-9]*'):
  try: print('s3cret' in open(pid + '/environ').read())
  except OSError: print(False)
for path in ('/x', '/usr/x', '/dev/x', '/etc/x', '/proc/sys/kernel/hostname', '/box/main.py'):
  try: open(path, 'w').close(); print('wrote', path)
  except OSError: pass
open('own', 'w').write('1')`;
  const done = await python(source);
  delete process.env["WORKBENCH_TEST_SECRET"];
  expect(done.stderr).toBe("");
  expect(done.stdout).not.toMatch(/wrote/);
  expect(done.stdout.split("\n").slice(0, 6)).toEqual([
    "False",
    "False",
    "False",
    "False",
    "False",
    "True False",
  ]);
  expect(done.stdout.slice(30)).not.toContain("True\n");
});

boxed("endless output, endless time and a busy loop are stopped; what came before is kept", async () => {
  const talk = await python("while True: print('x' * 1000)", { outputBytes: 5000 });
  expect([talk.stopped, talk.exit, talk.stdout.length]).toEqual(["output", null, 5000]);
  const begun = performance.now();
  const sleep = await python("import time\nprint('here', flush=True)\ntime.sleep(60)", { timeMs: 400 });
  expect([sleep.timedOut, sleep.stdout]).toEqual([true, "here\n"]);
  expect(performance.now() - begun).toBeLessThan(5000);
  const busy = await python("while True: pass", { cpuSeconds: 1 });
  expect(busy.exit).toBe(128 + 9);
});

boxed("a daemon ends with the program that left it", async () => {
  const source = `import os, time
if os.fork() == 0:
  os.setsid()
  if os.fork() == 0:
    time.sleep(3600.25)
  os._exit(0)
print('gone')`;
  expect((await python(source)).stdout).toBe("gone\n");
  expect(await alive("3600.25")).toBe(false);
});

test("without bwrap it is refused, and nothing runs", async () => {
  const effects = {
    ...realEffects,
    spawn: (command: string, args: readonly string[], options?: object) =>
      realEffects.spawn(command === "bwrap" ? "there-is-no-bwrap" : command, args, options),
  };
  const done = await runIsolated({ command: ["true"] }, effects);
  expect(done).toMatchObject({ kind: "refused", reason: expect.stringContaining("ENOENT") as string });
});

test("a bwrap that cannot begin is refused with what it says; a name that leads out, too", async () => {
  const effects = {
    ...realEffects,
    spawn: (_: string, __: readonly string[], options?: object) =>
      realEffects.spawn(
        "sh",
        ["-c", "echo 'bwrap: No permissions to create new namespace' >&2; exit 1"],
        options,
      ),
  };
  expect(await runIsolated({ command: ["true"] }, effects)).toEqual({
    kind: "refused",
    reason: "bwrap: bwrap: No permissions to create new namespace",
  });
  for (const name of ["../x", "/etc/x", "a/../../x", "", "a//b", "."])
    expect((await runIsolated({ command: ["true"], files: { [name]: "" } })).kind).toBe("refused");
});

test.skipIf(process.platform !== "linux")(
  "`process` limits, cleans up and ends what left the group",
  async () => {
    const source = `import os, time
print(sorted(os.environ), os.environ['HOME'] == os.getcwd(), flush=True)
if os.fork() == 0:
  os.setsid()
  os.close(1); os.close(2)
  if os.fork() == 0:
    os.execvp('sleep', ['sleep', '3601.5'])
  os._exit(0)`;
    const done = await python(source, {}, "process");
    expect(done).toMatchObject({ mode: "process", exit: 0 });
    expect(done.stdout).toMatch(/'HOME', 'LANG'.*'PATH', 'TMPDIR', 'WORKBENCH_BOX'.* True/);
    expect(await alive("3601.5")).toBe(false);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("workbench-box-"))).toEqual([]);
    const many =
      "import subprocess, time\n[subprocess.Popen(['sleep', '61']) for _ in range(60)]\ntime.sleep(60)";
    expect((await python(many, { processes: 10 }, "process")).stopped).toBe("processes");
  },
);

/** Whether a process with this word on its command line is left. */
async function alive(word: string): Promise<boolean> {
  for (let i = 0; i < 20; i++) {
    const left = readdirSync("/proc").some((name) => {
      if (!/^\d+$/.test(name) || !existsSync(`/proc/${name}/cmdline`)) return false;
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(word);
      } catch {
        return false;
      }
    });
    if (!left) return false;
    await realEffects.sleep(50);
  }
  return true;
}
