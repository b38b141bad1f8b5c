/**
 * Luhn's check (ISO/IEC 7812-1, annex B) over a text of digits.
 * Worked value: `luhn("4111111111111111")` is true, with 1 as last digit but one it is false.
 */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/**
 * The remainder of an alphanumeric text modulo 97, letters as 10–35 (ISO/IEC 7064).
 * Worked value: `mod97("3214282912345698765432161182")` is 1.
 */
export function mod97(text: string): number {
  let rest = 0;
  for (const char of text.toUpperCase()) {
    const value = Number.parseInt(char, 36);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest;
}

/** Valid IBAN check digits (ISO 13616): the first four characters moved to the end give 1 modulo 97. */
export function ibanChecks(iban: string): boolean {
  return mod97(iban.slice(4) + iban.slice(0, 4)) === 1;
}

/**
 * Brazilian CPF: two check digits modulo 11 over 11 digits.
 * Worked value: `cpfChecks("52998224725")` is true.
 */
export function cpfChecks(digits: string): boolean {
  if (digits.length !== 11 || /^(\d)\1+$/.test(digits)) return false;
  const check = (length: number): number => {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += Number(digits[i]) * (length + 1 - i);
    return ((sum * 10) % 11) % 10;
  };
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}

/** Spanish DNI or NIE: the letter is the number modulo 23. `dniChecks("12345678Z")` is true. */
export function dniChecks(id: string): boolean {
  const text = id.toUpperCase();
  const number = text.slice(0, -1).replace(/^[XYZ]/, (letter) => String("XYZ".indexOf(letter)));
  return "TRWAGMYFPDXBNJZSQVHLCKE"[Number(number) % 23] === text.at(-1);
}

/** Dutch BSN, the eleven-test: 9·d1 + 8·d2 + … + 2·d8 − d9 is divisible by 11. `bsnChecks("111222333")` is true. */
export function bsnChecks(digits: string): boolean {
  if (digits.length !== 9) return false;
  let sum = -Number(digits[8]);
  for (let i = 0; i < 8; i++) sum += Number(digits[i]) * (9 - i);
  return sum !== 0 && sum % 11 === 0;
}

/**
 * French NIR: key = 97 − (first 13 digits mod 97), Corsican 2A and 2B counted as 19 and 18.
 * Worked value: `nirChecks("255081416802538")` is true.
 */
export function nirChecks(nir: string): boolean {
  const body = nir.slice(0, 13).toUpperCase().replace("2A", "19").replace("2B", "18");
  return /^\d{13}$/.test(body) && 97 - Number(BigInt(body) % 97n) === Number(nir.slice(13));
}
