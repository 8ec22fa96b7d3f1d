// As in borderledger.output.escape: how a cell begins that a spreadsheet runs as a formula; a negative number is none.
export const FORMULA = /^(?:[=+@\t\r]|-(?![0-9.]+$))/;

const cell = (value) => {
  let text = value === null || value === undefined ? "" : String(value);
  if (FORMULA.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A CSV file with a byte order mark: without it, Excel garbles ë, š and ü. */
export const csv = (names, rows) => "\uFEFF" + [names, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
