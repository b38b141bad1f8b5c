/**
 * The text that was read last, a byte for each of its UTF-16 units, and zeros behind its end. What is
 * beyond ASCII is a blank where it is white space, else a sign that nothing looks for.
 */
export let codes = new Uint8Array(1 << 16);
/** The same, four at a step. */
export let fours = new Int32Array(codes.buffer);
let buffer = Buffer.from(codes.buffer);

const PAST_END = 8;
/** So many are read faster one by one. */
const FEW = 24;
const BLANK = 32;
const NOTHING = 33;

/** Reads a text; whether it is ASCII. */
export function readText(text: string): boolean {
  const { length } = text;
  makeRoom(length);
  let isAscii = length > FEW && buffer.write(text, 0) === length;
  if (!isAscii) {
    isAscii = true;
    for (let at = 0; at < length; at++) {
      let code = text.charCodeAt(at);
      if (code > 127) {
        isAscii = false;
        code = isBlank(code) ? BLANK : NOTHING;
      }
      codes[at] = code;
    }
  }
  for (let at = length; at < length + PAST_END; at++) codes[at] = 0;
  return isAscii;
}

function makeRoom(length: number): void {
  if (length + PAST_END <= codes.length) return;
  codes = new Uint8Array(((2 * length + PAST_END) >> 2) << 2);
  fours = new Int32Array(codes.buffer);
  buffer = Buffer.from(codes.buffer);
}

/** White space beyond ASCII, as a pattern's `\s` takes it. */
function isBlank(code: number): boolean {
  if (code < 0x1680) return code === 0xa0;
  if (code > 0x3000) return code === 0xfeff;
  return code <= 0x200a ? code >= 0x2000 || code === 0x1680 : OTHER_BLANKS.has(code);
}
const OTHER_BLANKS = new Set([0x2028, 0x2029, 0x202f, 0x205f, 0x3000]);
