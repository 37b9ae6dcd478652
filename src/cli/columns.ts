// What lists are printed with: columns, and sizes and texts of strangers as a terminal may show them.

/** Each column as wide as its widest cell; the last one is not filled up. */
export function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];
const STEP = 1_024;

/** `17 B`, `1.4 KB`, `120 MB`. */
export function sizeInWords(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= STEP && unit < UNITS.length - 1) [size, unit] = [size / STEP, unit + 1];
  return `${unit > 0 && size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}

/** Controls of the terminal, line ends, and what turns text around: what a client sends must not write to the screen as it likes. */
// oxlint-disable-next-line no-control-regex -- these are what it is about
const UNSEEMLY = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** On one line, with everything that is no letter to look at spelled out: `\x1b`, `\n`. */
export function seemly(text: string): string {
  return text.toWellFormed().replace(UNSEEMLY, (c) => {
    if (c === '\n') return String.raw`\n`;
    const code = c.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
