// JSON pasted into YAML, as many templates have it: its lines may stand further left than the member they belong to, which YAML forbids and
// CloudFormation takes. Moves such lines to the right; the number of lines, and what they say, stays.

/** Dashes, keys, tags and anchors that come before a value on its line. */
const BEFORE_VALUE =
  /^(?:[ ]*(?:- +|\? +|(?:"[^"]*"|'[^']*'|[^\s#"'[\]{},&*!|>%@`-][^#"'[\]{}]*?): +))*(?:[!&][^\s[\]{},]+ +)*/;
const BLOCK_SCALAR = /^[|>][-+0-9]*\s*(?:#.*)?$/;

type Open = '[' | '{' | '"' | "'";

export function withFlowsIndented(text: string): string {
  const scanner = new FlowScanner();
  return text
    .split('\n')
    .map((line) => scanner.indented(line))
    .join('\n');
}

class FlowScanner {
  /** What is open, outermost first. Empty outside of flows and quoted texts. */
  readonly #open: Open[] = [];
  /** The column at which the outermost was opened. */
  #column = 0;
  /** Lines of a block scalar are indented deeper than this; undefined outside of one. */
  #blockColumn: number | undefined;

  indented(line: string): string {
    const indent = line.length - line.trimStart().length;
    if (this.#open.length > 0) {
      this.#scan(line, 0);
      return line.trim() === '' ? line : ' '.repeat(this.#column + 1) + line;
    }
    if (this.#blockColumn !== undefined) {
      if (line.trim() === '' || indent > this.#blockColumn) return line;
      this.#blockColumn = undefined;
    }
    const start = BEFORE_VALUE.exec(line)?.[0].length ?? 0;
    const value = line.slice(Math.max(start, indent));
    if (BLOCK_SCALAR.test(value)) this.#blockColumn = indent;
    if (/^[[{"']/.test(value)) {
      this.#column = Math.max(start, indent);
      this.#scan(line, this.#column);
    }
    return line;
  }

  #scan(line: string, from: number): void {
    for (let at = from; at < line.length; at++) {
      const letter = line[at]!;
      const inner = this.#open.at(-1);
      if (inner === '"' && letter === '\\') at += 1;
      else if (inner === '"' || inner === "'") {
        if (letter !== inner) continue;
        if (inner === "'" && line[at + 1] === "'") at += 1;
        else this.#open.pop();
      } else if (letter === '#' && (at === 0 || /\s/.test(line[at - 1]!))) return;
      else if (letter === '[' || letter === '{') this.#open.push(letter);
      else if (letter === ']' || letter === '}') this.#open.pop();
      else if ((letter === '"' || letter === "'") && (at === from || /[\s[{,:]/.test(line[at - 1]!)))
        this.#open.push(letter);
      // What stands behind the end of the value is none of it.
      if (this.#open.length === 0) return;
    }
  }
}
