/**
 * Elementary functions whose last bit does not change with the JavaScript engine: `Math.log`,
 * `Math.exp` and `Math.pow` may differ between versions, and a decision is replayed bit for bit.
 * `Math.sqrt` is exactly rounded by the standard and stays.
 */
export { default as exp } from "@stdlib/math-base-special-exp";
export { default as expm1 } from "@stdlib/math-base-special-expm1";
export { default as ln } from "@stdlib/math-base-special-ln";
export { default as log1p } from "@stdlib/math-base-special-log1p";
export { default as lnGamma } from "@stdlib/math-base-special-gammaln";
export { default as pow } from "@stdlib/math-base-special-pow";
