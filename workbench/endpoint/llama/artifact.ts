import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import { invalid, readGguf } from "./gguf.ts";
import type { GgufHeader } from "./gguf.ts";

const HEADER_LIMIT = 64 * 1024 * 1024;

/** What a weights file is, told from its first bytes, never from its name. */
export type ArtifactFormat = "gguf" | "safetensors" | "pickle" | "zip" | "unknown";

/**
 * Worked value: the bytes `80 02` (pickle protocol 2) are `pickle`; `PK\x03\x04`, how torch.save writes, is `zip`.
 */
export function formatOf(head: Uint8Array): ArtifactFormat {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 64));
  if (bytes.subarray(0, 4).toString("latin1") === "GGUF") return "gguf";
  if (bytes.subarray(0, 2).toString("latin1") === "PK") return "zip";
  if (bytes[0] === 0x80 && (bytes[1] ?? 9) <= 5) return "pickle";
  // Protocols 0 and 1 are text; torch's old files open with a long that is its magic number.
  if (/^(\(dp?\d|\(lp?\d|c[a-z_]+\n|\x8a\x0a\x6c\xfc)/.test(bytes.toString("latin1"))) return "pickle";
  const size = bytes.length >= 9 ? bytes.readBigUInt64LE(0) : 0n;
  return size > 1n && size <= 100_000_000n && bytes[8] === 0x7b ? "safetensors" : "unknown";
}

/**
 * The checked header of a GGUF file on disk. Every other format is refused by its name: a pickle is
 * code, and nothing here runs code that came with a model.
 */
export async function ggufHeader(path: string, effects: Effects = realEffects): Promise<GgufHeader> {
  const head = await headOf(path, effects);
  const format = formatOf(head.bytes);
  if (format === "pickle" || format === "zip")
    throw invalid(
      path,
      format === "zip"
        ? "this is a zip archive, as torch.save writes it: a pickle inside"
        : "this is a Python pickle",
      "save the weights as safetensors, then export them to GGUF; pickles are code and are never opened",
    );
  if (format !== "gguf")
    throw invalid(
      path,
      format === "safetensors" ? "this is a safetensors file, not GGUF" : "this is not a GGUF file",
    );
  return readGguf(head.bytes, { path, bytes: head.size });
}

/**
 * Checks a safetensors file's header: its length, its JSON, and that every tensor lies inside the
 * file and none overlaps. Format: https://github.com/huggingface/safetensors#format
 */
export async function checkSafetensors(
  path: string,
  effects: Effects = realEffects,
): Promise<readonly string[]> {
  const { bytes, size } = await headOf(path, effects);
  const format = formatOf(bytes);
  if (format !== "safetensors") throw invalid(path, `this is not a safetensors file (${format})`);
  const length = Number(bytes.readBigUInt64LE(0));
  if (8 + length > bytes.length) throw invalid(path, "the header is longer than the file");
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  } catch (cause) {
    throw invalid(path, `the header is not JSON: ${(cause as Error).message}`);
  }
  const spans: (readonly [number, number])[] = [];
  const names: string[] = [];
  for (const [name, entry] of Object.entries(header as Record<string, unknown>)) {
    if (name === "__metadata__") continue;
    const offsets = (entry as { data_offsets?: unknown } | null)?.data_offsets;
    const [from, to] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
    if (typeof from !== "number" || typeof to !== "number" || from < 0 || to < from || 8 + length + to > size)
      throw invalid(path, `the tensor ${JSON.stringify(name.slice(0, 60))} lies outside the file`);
    spans.push([from, to]);
    names.push(name);
  }
  spans.sort(([a], [b]) => a - b);
  if (spans.some(([from], n) => n > 0 && from < (spans[n - 1]?.[1] ?? 0)))
    throw invalid(path, "two tensors overlap");
  return names;
}

async function headOf(
  path: string,
  effects: Effects,
): Promise<{ readonly bytes: Buffer; readonly size: number }> {
  const info = await effects.stat(path);
  if (!info) throw invalid(path, "there is no such file");
  if (!info.isFile) throw invalid(path, "this is no plain file (links and devices are refused)");
  const chunks: Uint8Array[] = [];
  for await (const chunk of effects.stream(path, { start: 0, end: Math.min(info.size, HEADER_LIMIT) }))
    chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), size: info.size };
}
