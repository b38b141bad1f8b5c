import type { Limits } from "./limits.ts";
import { limited } from "./limits.ts";

/** What stands in the sandbox before the program does. */
export interface BoxPlan {
  readonly command: readonly string[];
  /** Names of the files; their bytes come through file descriptors 4, 5, … */
  readonly files: readonly string[];
  /** Paths of this machine that may be read, besides those of the system. */
  readonly readable: readonly string[];
  readonly limits: Limits;
  /** The user it runs as when we are root: one of its own, so that the limit of processes is its own. */
  readonly rootAs: number | null;
}

/** Where the program's files are, and where it starts. */
export const BOX = "/box";
/** bwrap tells here when the program ended, and with what. */
const STATUS_FD = 3;
const FIRST_FILE_FD = 4;
const MB = 1 << 20;

const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
const ETC = [
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/alternatives",
  "/etc/localtime",
];

/**
 * The arguments of bwrap: no network, no other process in sight, an empty environment, and a root of
 * its own that holds the system's programs read-only and nothing of this machine's users. What can be
 * written (`/box`, `/tmp`, `/dev/shm`) is memory, has a size, and is gone with the program.
 */
export function bwrapArgs(plan: BoxPlan): readonly string[] {
  const { command, limits, rootAs } = plan;
  const inside = limited(command, limits, true);
  const flags = `--json-status-fd ${STATUS_FD} --die-with-parent --new-session --unshare-ipc --unshare-pid
    --unshare-net --unshare-uts --unshare-cgroup-try --hostname box --clearenv`;
  return [
    ...flags.split(/\s+/),
    ...(rootAs === null ? ["--unshare-user"] : TO_STEP_DOWN),
    ...Object.entries(ENVIRONMENT).flatMap(([name, value]) => ["--setenv", name, value]),
    ...mounts(plan),
    "--remount-ro",
    "/",
    "--chdir",
    BOX,
    "--",
    ...(rootAs === null ? inside : [...steppedDown(rootAs), ...inside]),
  ];
}

function mounts({ files, readable, limits }: BoxPlan): readonly string[] {
  const memory = (path: string): string[] => [
    "--perms",
    "1777",
    "--size",
    String(Math.ceil(limits.memoryMb / 4) * MB),
    "--tmpfs",
    path,
  ];
  return [
    ...folders("/etc/x", "0755"),
    ...[...SYSTEM, ...ETC].flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...memory("/dev/shm"),
    ...["--remount-ro", "/dev"],
    ...memory("/tmp"),
    ...memory(BOX),
    ...readable.flatMap((path) => [...folders(path, "0755"), "--ro-bind", path, path]),
    ...files.flatMap((name, i) => {
      const fd = String(FIRST_FILE_FD + i);
      return [...folders(`${BOX}/${name}`, "1777"), "--perms", "0444", "--file", fd, `${BOX}/${name}`];
    }),
  ];
}

/** The folders above a path; bwrap itself would make them for root alone. */
function folders(path: string, mode: string): readonly string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.flatMap((_, i) => ["--perms", mode, "--dir", `/${parts.slice(0, i + 1).join("/")}`]);
}

const ENVIRONMENT = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: BOX,
  TMPDIR: "/tmp",
  LANG: "C.UTF-8",
  PYTHONDONTWRITEBYTECODE: "1",
};

/** The kernel holds root to no number of processes, so root becomes somebody else inside. */
const TO_STEP_DOWN = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"].flatMap((cap) => ["--cap-add", cap]);

function steppedDown(user: number): readonly string[] {
  return [
    "setpriv",
    `--reuid=${user}`,
    `--regid=${user}`,
    "--clear-groups",
    "--inh-caps=-all",
    "--bounding-set=-all",
    "--no-new-privs",
    "--",
  ];
}
