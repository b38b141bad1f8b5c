import type { Format } from "./format.ts";
import { openaiChat } from "./openai-chat.ts";
import { workbench } from "./workbench.ts";

/** Every format that is recognised by itself, one file each. */
export const FORMATS: readonly Format[] = [workbench, openaiChat];
