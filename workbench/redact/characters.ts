/** Kinds of characters. Letters are with the underscore; signs come after digits. */
export const LETTER = 1;
export const DIGIT = 2;
export const DOT = 3;
export const COLON = 4;
export const HYPHEN = 5;
export const AT = 6;

/** The kind of each byte, 0 for what nothing looks for. */
export const KIND = new Uint8Array(256);
for (const letter of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") KIND[letter.charCodeAt(0)] = LETTER; // prettier-ignore
for (const digit of "0123456789") KIND[digit.charCodeAt(0)] = DIGIT;
for (let sign = 0; sign < 4; sign++) KIND[".:-@".charCodeAt(sign)] = DOT + sign;

export const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
export const isLetterOrDigit = (code: number): boolean => isLetter(code) || KIND[code] === DIGIT;
