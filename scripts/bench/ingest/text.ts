import type { Random } from "../../../workbench/stats/random.ts";

const SYLLABLES =
  "al an ar ba be bo ca ce chi co da de di do el en er fa fi for ga ge go gra ha he hi in is ka ke la le li lo ma me mi mo na ne ni no or pa pe pla po ra re ri ro sa se sha si so sta ta te ti to tra u va ve vi vo wa we wi ya ze".split(
    " ",
  );
const COMMON =
  "the of to and a in is it you that was for on are with as I his they be at one have this from or had by hot but some what there we can out other were all your when up use word how said an each she which do their time if will way about many then them would write like so these her long make thing see him two has look more day could go come did my sound no most number who over know water than call first people may down side been now find any new work part take get place made live where after back little only round man year came show every good me give our under name order refund account invoice delivery password subscription payment address shipment please thanks help".split(
    " ",
  );

/** A vocabulary of `size` words, the frequent English ones first. */
export function vocabularyOf(size: number, random: Random): readonly string[] {
  const words = new Set(COMMON);
  while (words.size < size) {
    const syllables = 2 + random.below(3);
    let word = "";
    for (let n = 0; n < syllables; n++) word += SYLLABLES[random.below(SYLLABLES.length)] ?? "";
    words.add(word);
  }
  return [...words];
}

/** Sentences of Zipf-like words: about `length` characters, with commas, stops and now and then a number. */
export function prose(length: number, words: readonly string[], random: Random): string {
  let text = "";
  let start = true;
  while (text.length < length) {
    // u^3 gives the head of the vocabulary the share that frequent words have in a language.
    const word = words[Math.floor(random.uniform() ** 3 * words.length)] ?? "";
    text += start ? `${word.charAt(0).toUpperCase()}${word.slice(1)}` : word;
    const turn = random.below(48);
    start = turn < 4;
    text +=
      turn === 0 ? ".\n" : turn < 4 ? ". " : turn < 7 ? ", " : turn === 7 ? ` ${random.below(900)} ` : " ";
  }
  return `${text.trimEnd()}.`;
}

const ACCENTS = ["café", "naïve", "Zürich", "señor", "東京", "🙂", "crème brûlée", "Ærø"];

/** One word in the text replaced: what makes a near duplicate. */
export function nearly(text: string, words: readonly string[], random: Random): string {
  const parts = text.split(" ");
  parts[random.below(parts.length)] = words[random.below(words.length)] ?? "";
  return parts.join(" ");
}

/** A text with one word beyond ASCII in it. */
export function accented(text: string, random: Random): string {
  return `${text} ${ACCENTS[random.below(ACCENTS.length)]}`;
}

const FIRST = ["ann", "bo", "carla", "dmitri", "elif", "fatou", "george", "hana"];

/** A piece of personal data as people write it into a chat: address, number, card, IBAN. All are made up. */
export function personal(random: Random): string {
  const name = FIRST[random.below(FIRST.length)] ?? "";
  const digits = (count: number): string => Array.from({ length: count }, () => random.below(10)).join("");
  return [
    `write to ${name}.${digits(4)}@example.org`,
    `call me at +1 415 555 ${digits(4)}`,
    `my card is 4111 1111 1111 1111`,
    `the IBAN is DE89 3704 0044 0532 0130 00`,
    `from 203.0.113.${random.below(255)} I cannot sign in`,
  ][random.below(5)] as string;
}
