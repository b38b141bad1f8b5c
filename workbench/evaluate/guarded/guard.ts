import { Worker } from "node:worker_threads";

/** What the thread is asked. Patterns and schemas are data here: nothing of them is run in this one. */
export type Question =
  | { readonly kind: "regex"; readonly pattern: string; readonly flags: string; readonly text: string }
  | { readonly kind: "schema"; readonly schema: string; readonly json: string };

export type Reply =
  | { readonly matches: boolean; readonly group: string | null }
  | { readonly paths: readonly string[] }
  | { readonly failed: string };

/** A pattern in a golden set that needs longer for one answer is no pattern to score by. */
const LIMIT_MS = 100;
/** Starting the thread, or compiling a schema for its first answer. */
const FIRST_MS = 5_000;

interface Thread {
  readonly worker: Worker;
  /** Schemas that are compiled there. */
  readonly known: Set<string>;
}

let thread: Thread | null = null;
let queue: Promise<unknown> = Promise.resolve();

/** Asks a thread of its own, one question at a time; a question that takes too long ends the thread. */
export function askGuarded(question: Question): Promise<Reply> {
  const turn = queue.then(() => askNow(question));
  queue = turn;
  return turn;
}

async function askNow(question: Question): Promise<Reply> {
  thread ??= await startThread();
  const { worker, known } = thread;
  const isFirst = question.kind === "schema" && !known.has(question.schema);
  const reply = await replyWithin(worker, isFirst ? FIRST_MS : LIMIT_MS, () => worker.postMessage(question));
  if (reply === null) return { failed: `it took longer than ${LIMIT_MS} ms` };
  if (question.kind === "schema") known.add(question.schema);
  return reply;
}

async function startThread(): Promise<Thread> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 64, stackSizeMb: 2 },
  });
  await replyWithin(worker, FIRST_MS, () => undefined); // it says that it is there
  return { worker, known: new Set() };
}

/** The thread's next message; null when it took too long, and then the thread has ended. */
function replyWithin(worker: Worker, limitMs: number, ask: () => void): Promise<Reply | null> {
  return new Promise((resolve) => {
    let isOpen = true;
    const end = (reply: Reply | null): void => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      worker.off("message", end).off("error", broke);
      worker.unref(); // a process does not wait for a thread that has nothing to do
      resolve(reply);
    };
    const stop = (reply: Reply | null): void => {
      if (!isOpen) return;
      thread = null;
      void worker.terminate();
      end(reply);
    };
    const broke = (error: Error): void => stop({ failed: error.message });
    // An answer that came while this thread was busy is not late: it is read before `setImmediate`.
    const timer = setTimeout(() => setImmediate(() => stop(null)), limitMs);
    worker.on("message", end).on("error", broke);
    worker.ref();
    ask();
  });
}
