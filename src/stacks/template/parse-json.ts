// JSON with lines, for what `cdk synth` and other programs write. JSON.parse knows no lines and takes keys twice.

import { ProblemAt } from './problem-list.ts';
import { NodeCount, scalar, type Node } from './template-node.ts';

const SPACE = /[ \t\r\n]*/y;
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const WORD = /true|false|null/y;

/** Throws ProblemAt. */
export function parseJson(text: string): Node {
  return new JsonParser(text).document();
}

class JsonParser {
  readonly #text: string;
  readonly #count = new NodeCount();
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Node {
    this.#skip();
    const node = this.#value(1, this.#line);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the file');
    return node;
  }

  #value(level: number, line: number): Node {
    this.#count.add(this.#line, level);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(level, line);
    if (first === '[') return this.#list(level, line);
    if (first === '"') return scalar(this.#string(), line);
    const number = this.#match(NUMBER);
    if (number !== undefined) return scalar(Number(number), line, number);
    const word = this.#match(WORD);
    if (word === undefined) throw this.#unexpected('a value');
    return scalar(word === 'null' ? null : word === 'true', line);
  }

  #object(level: number, line: number): Node {
    const entries = new Map<string, Node>();
    this.#at += 1;
    this.#skip();
    if (this.#take('}')) return { kind: 'map', entries, line };
    do {
      this.#skip();
      const keyLine = this.#line;
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key in double quotes');
      const key = this.#string();
      if (entries.has(key)) throw new ProblemAt(keyLine, `the key '${key}' is there twice`);
      this.#skip();
      if (!this.#take(':')) throw this.#unexpected(`a colon behind the key '${key}'`);
      this.#skip();
      entries.set(key, this.#value(level + 1, keyLine));
      this.#skip();
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#unexpected('a comma or }');
    return { kind: 'map', entries, line };
  }

  #list(level: number, line: number): Node {
    const items: Node[] = [];
    this.#at += 1;
    this.#skip();
    if (this.#take(']')) return { kind: 'list', items, line };
    do {
      this.#skip();
      items.push(this.#value(level + 1, this.#line));
      this.#skip();
    } while (this.#take(','));
    if (!this.#take(']')) throw this.#unexpected('a comma or ]');
    return { kind: 'list', items, line };
  }

  #string(): string {
    const line = this.#line;
    const written = this.#match(STRING);
    if (written === undefined) throw new ProblemAt(line, 'a text has no closing quote');
    try {
      return JSON.parse(written) as string;
    } catch {
      throw new ProblemAt(
        line,
        'a text holds what JSON does not take in it: a line break, or a backslash before another letter',
      );
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #take(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false;
    this.#at += 1;
    return true;
  }

  #skip(): void {
    for (const letter of this.#match(SPACE) ?? '') if (letter === '\n') this.#line += 1;
  }

  #unexpected(wanted: string): ProblemAt {
    const found = this.#at < this.#text.length ? `'${this.#text[this.#at]}'` : 'the end of the file';
    return new ProblemAt(this.#line, `${wanted} is expected here, and ${found} is found`);
  }
}
