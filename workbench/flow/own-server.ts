import type { ChatClient } from "../endpoint/client.ts";
import type { RunningServer } from "../serve/server.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

/** The project's own server, which starts with the first question to it. */
export interface OwnServer {
  readonly start: () => Promise<RunningServer>;
  readonly close: () => Promise<void>;
}

/** One server for all local arms, started once and only when it is needed. */
export function ownServer(project: Project, effects: Effects): OwnServer {
  let running: Promise<RunningServer> | null = null;
  // Loaded with the first question: a run of stored or recorded answers needs neither client nor server.
  const begin = async (): Promise<RunningServer> => {
    const { startServer } = await import("../serve/server.ts");
    return startServer({ project, port: 0 }, effects);
  };
  return {
    start: () => (running ??= begin()),
    close: async () => {
      if (running) await (await running).close();
    },
  };
}

/** A client that is made by its first use. */
export function lazyClient(open: () => Promise<ChatClient>): ChatClient {
  let opened: Promise<ChatClient> | null = null;
  const client = (): Promise<ChatClient> => (opened ??= open());
  return {
    origin: "local",
    chat: async (request, options) => (await client()).chat(request, options),
    models: async (options) => (await client()).models(options),
    close: async () => {
      if (opened) await (await opened).close();
    },
  };
}
