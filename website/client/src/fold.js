// Letters that Unicode does not take apart into a plain letter and a mark.
const LETTERS = { đ: "d", ð: "d", ł: "l", ß: "ss", ø: "o", æ: "ae", œ: "oe", ı: "i", þ: "th", ħ: "h" };

/** Text in lower case without diacritics, so that `Sid` finds Šid and `Kukes` finds Kukës. */
export const fold = (text) =>
  String(text)
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[đðłßøæœıþħ]/g, (letter) => LETTERS[letter]);
