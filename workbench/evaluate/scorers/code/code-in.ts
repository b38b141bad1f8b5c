/**
 * The code of an answer: all its fenced blocks in order, else the whole text.
 * Worked value: `codeIn("Here:\n```python\nx = 1\n```\nDone.")` is "x = 1\n".
 */
export function codeIn(output: string): string {
  const blocks: string[] = [];
  let open: string | null = null;
  let block = "";
  for (const line of output.split("\n")) {
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (open === null) {
      if (fence !== undefined) [open, block] = [fence, ""];
    } else if (fence?.startsWith(open) === true && line.trim() === fence) {
      blocks.push(block);
      open = null;
    } else block += `${line}\n`;
  }
  // A block that was cut off is still what the answer says.
  if (open !== null) blocks.push(block);
  return blocks.length === 0 ? output : blocks.join("");
}
