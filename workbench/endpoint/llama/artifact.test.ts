import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorkbenchError } from "../../errors/error.ts";
import { tinyAdapter, tinyModel } from "../testing/tiny-gguf.ts";
import { checkSafetensors, formatOf, ggufHeader } from "./artifact.ts";
import { readGguf } from "./gguf.ts";

const model = tinyModel(1);
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wb-gguf-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

function read(bytes: Buffer, size = bytes.length) {
  return readGguf(bytes, { path: "m.gguf", bytes: size });
}

describe("readGguf", () => {
  test("reads metadata and tensors", () => {
    const header = read(model);
    expect(header.metadata.get("general.architecture")).toBe("qwen3");
    expect(header.metadata.get("tokenizer.ggml.tokens")).toHaveLength(260);
    expect(header.tensors).toHaveLength(3 + 2 * 11);
    expect(read(tinyAdapter(1)).metadata.get("adapter.lora.alpha")).toBe(8);
  });

  test("refuses every truncation of the header", () => {
    const dataBytes = 32 * 260 * 4 * 2 + 32 * 4;
    for (let size = 4; size < model.length - dataBytes - 40_000; size += 97)
      expect(() => read(model.subarray(0, size))).toThrow(WorkbenchError);
  });

  test("refuses a file whose tensors are cut off", () => {
    expect(() => read(model, model.length - 64)).toThrow(/outside the file/);
  });

  test("a flipped byte of the header is read or refused, never believed beyond the file", () => {
    fc.assert(
      fc.property(fc.nat(6000), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(model);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WorkbenchError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("refuses counts that lie", () => {
    for (const at of [8, 16]) {
      const bytes = Buffer.from(model);
      bytes.writeBigUInt64LE(2n ** 63n, at);
      expect(() => read(bytes)).toThrow(/it claims/);
    }
  });
});

describe("formats", () => {
  test("are told from the bytes", () => {
    expect(formatOf(Buffer.from([0x80, 2, 0x8a, 0x0a]))).toBe("pickle");
    expect(formatOf(Buffer.from("PK\u0003\u0004archive/data.pkl"))).toBe("zip");
    expect(formatOf(Buffer.from("cos\nsystem\n(S'x'\ntR."))).toBe("pickle");
    expect(formatOf(model)).toBe("gguf");
    expect(formatOf(Buffer.from("hello"))).toBe("unknown");
  });

  test("a renamed pickle is refused by its name", async () => {
    await expect(ggufHeader(await file("a.gguf", Buffer.from([0x80, 4, 0x95, 0])))).rejects.toThrow(
      /Python pickle/,
    );
    await expect(ggufHeader(await file("b.gguf", "PK\u0003\u0004"))).rejects.toThrow(/zip archive/);
    await expect(ggufHeader(await file("c.gguf", "#!/bin/sh"))).rejects.toThrow(/not a GGUF/);
  });

  test("a link is refused", async () => {
    await file("real.gguf", model);
    await symlink(join(folder, "real.gguf"), join(folder, "link.gguf"));
    await expect(ggufHeader(join(folder, "link.gguf"))).rejects.toThrow(/links/);
  });
});

describe("checkSafetensors", () => {
  const tensors = (header: object, data: number): Buffer => {
    const json = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([size, json, Buffer.alloc(data)]);
  };
  const entry = (from: number, to: number) => ({ dtype: "F32", shape: [1], data_offsets: [from, to] });

  test("names the tensors of an honest file", async () => {
    const path = await file(
      "ok.safetensors",
      tensors({ __metadata__: {}, a: entry(0, 4), b: entry(4, 8) }, 8),
    );
    expect(await checkSafetensors(path)).toEqual(["a", "b"]);
  });

  test("refuses tensors outside the file, overlaps and long headers", async () => {
    await expect(checkSafetensors(await file("1", tensors({ a: entry(0, 12) }, 8)))).rejects.toThrow(
      /outside/,
    );
    await expect(
      checkSafetensors(await file("2", tensors({ a: entry(0, 8), b: entry(4, 8) }, 8))),
    ).rejects.toThrow(/overlap/);
    const long = tensors({ a: entry(0, 4) }, 4);
    long.writeBigUInt64LE(90_000_000n, 0);
    await expect(checkSafetensors(await file("3", long))).rejects.toThrow(/longer than the file/);
  });
});
