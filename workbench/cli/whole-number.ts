import { InvalidArgumentError } from "commander";

/** An option's value that counts something: 1, 2, 3, … */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1");
  return value;
}
