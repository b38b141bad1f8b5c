import { refused, type Refused } from "./refused.ts";

/** A lower-triangular Cholesky factor. */
export type Factor = readonly (readonly number[])[];

/** Cholesky factor of a symmetric positive definite matrix; refused when it is not. */
export function cholesky(matrix: readonly (readonly number[])[]): Factor | Refused {
  const lower: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    const line: number[] = [];
    for (let j = 0; j <= i; j++) {
      let rest = row[j] as number;
      const other = j === i ? line : (lower[j] as number[]);
      for (let k = 0; k < j; k++) rest -= (line[k] as number) * (other[k] as number);
      if (j < i) line.push(rest / (other[j] as number));
      else if (rest > 0) line.push(Math.sqrt(rest));
      else return refused("the information matrix is singular");
    }
    lower.push(line);
  }
  return lower;
}

/** x with L·Lᵀ·x = b. */
export function solve(lower: Factor, b: readonly number[]): number[] {
  const x: number[] = [];
  for (const [i, row] of lower.entries()) {
    let rest = b[i] as number;
    for (let k = 0; k < i; k++) rest -= (row[k] as number) * (x[k] as number);
    x.push(rest / (row[i] as number));
  }
  for (let i = lower.length - 1; i >= 0; i--) {
    let rest = x[i] as number;
    for (let k = i + 1; k < lower.length; k++)
      rest -= ((lower[k] as number[])[i] as number) * (x[k] as number);
    x[i] = rest / ((lower[i] as number[])[i] as number);
  }
  return x;
}
