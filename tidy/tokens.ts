// Splits TypeScript source into tokens, comments included. It knows just enough of the grammar to tell a regular
// expression from a division and to follow template literals into their substitutions; it never fails on bad input.

type TokenKind = 'word' | 'number' | 'string' | 'template' | 'regex' | 'punct' | 'comment';

export interface Token {
  kind: TokenKind;
  /** A string has its value here, without quotes; every other token has its source text. */
  text: string;
  line: number;
  endLine: number;
}

interface Opening {
  kind: 'round' | 'square' | 'block' | 'object' | 'substitution';
  /** True when a slash right after the closing bracket divides. */
  endsOperand: boolean;
}

const WORD = /[\p{ID_Start}$_#\\][\p{ID_Continue}$\\\u200c\u200d]*/uy;
const NUMBER = /(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?|\.\d[\d_]*(?:[eE][+-]?\d+)?)n?/y;
const REGEX = /\/(?![*/])(?:[^\\/[\n]|\\[^\n]|\[(?:[^\\\]\n]|\\[^\n])*\])+\/[\p{ID_Continue}$]*/uy;
const LONG_PUNCT = /=>|\.\.\.|\?\.(?!\d)|\+\+|--/y;

/** After these words an operand is still to come, so a slash opens a regular expression. */
const LEADING_WORDS = new Set(
  'await case default delete do else extends in instanceof new of return throw typeof void yield'.split(' '),
);
const CONTROL_WORDS = new Set(['if', 'while', 'for', 'with']);
const BLOCK_WORDS = new Set(['else', 'do', 'try', 'finally']);
const BLOCK_PUNCT = new Set([';', '{', '}', ')', '=>']);

export function tokenize(source: string): Token[] {
  return new Tokenizer(source).run();
}

/** The tokens that are not comments. */
export function significant(tokens: readonly Token[]): Token[] {
  return tokens.filter((token) => token.kind !== 'comment');
}

class Tokenizer {
  private readonly source: string;
  private readonly tokens: Token[] = [];
  private readonly openings: Opening[] = [];
  private position = 0;
  private line = 1;
  private operandEnded = false;
  private last: Token | undefined;
  private beforeLast: Token | undefined;

  constructor(source: string) {
    this.source = source;
  }

  run(): Token[] {
    const shebang = /^\uFEFF?(?:#![^\n]*)?/.exec(this.source);
    this.position = shebang ? shebang[0].length : 0;
    while (this.position < this.source.length) this.step();
    return this.tokens;
  }

  private step(): void {
    const { source, position } = this;
    const char = source[position] ?? '';
    if (char === '\n') {
      this.line += 1;
      this.position += 1;
    } else if (/\s/.test(char)) this.position += 1;
    else if (source.startsWith('//', position)) this.take('comment', this.until('\n', position));
    else if (source.startsWith('/*', position)) this.take('comment', this.until('*/', position + 2) + 2);
    else if (char === "'" || char === '"') this.quoted(char);
    else if (char === '`') this.template(position + 1);
    else if (char === '/' && !this.operandEnded && this.match(REGEX)) this.take('regex', REGEX.lastIndex, true);
    else if (this.match(NUMBER)) this.take('number', NUMBER.lastIndex, true);
    else if (this.match(WORD)) this.word(WORD.lastIndex);
    else this.punct();
  }

  private match(pattern: RegExp): boolean {
    pattern.lastIndex = this.position;
    return pattern.test(this.source);
  }

  private until(mark: string, from: number): number {
    const found = this.source.indexOf(mark, from);
    return found === -1 ? this.source.length : found;
  }

  private take(kind: TokenKind, end: number, endsOperand = false, value?: string): void {
    const text = this.source.slice(this.position, end);
    const token = { kind, text: value ?? text, line: this.line, endLine: this.line + text.split('\n').length - 1 };
    this.tokens.push(token);
    this.position = Math.min(end, this.source.length);
    this.line = token.endLine;
    if (kind === 'comment') return;
    this.beforeLast = this.last;
    this.last = token;
    this.operandEnded = endsOperand;
  }

  private word(end: number): void {
    const text = this.source.slice(this.position, end);
    const isProperty = this.last?.text === '.' || this.last?.text === '?.';
    this.take('word', end, isProperty || !LEADING_WORDS.has(text));
  }

  private quoted(quote: string): void {
    let end = this.position + 1;
    while (end < this.source.length && this.source[end] !== quote && this.source[end] !== '\n') {
      end += this.source[end] === '\\' ? 2 : 1;
    }
    const value = unescaped(this.source.slice(this.position + 1, end));
    this.take('string', this.source[end] === quote ? end + 1 : end, true, value);
  }

  /** Reads on from inside a template literal, to its end or to its next substitution. */
  private template(from: number): void {
    let end = from;
    while (end < this.source.length && this.source[end] !== '`' && !this.source.startsWith('${', end)) {
      end += this.source[end] === '\\' ? 2 : 1;
    }
    const whole = this.source[this.position] === '`' && this.source[end] === '`';
    if (whole) return this.take('string', end + 1, true, unescaped(this.source.slice(from, end)));
    if (this.source[end] === '`' || end >= this.source.length) return this.take('template', end + 1, true);
    this.openings.push({ kind: 'substitution', endsOperand: true });
    this.take('template', end + 2);
  }

  private punct(): void {
    const { source, position } = this;
    const text = this.match(LONG_PUNCT) ? source.slice(position, LONG_PUNCT.lastIndex) : (source[position] ?? '');
    if (text === '(' || text === '[' || text === '{') this.openings.push(this.opening(text));
    if (text === ')' || text === ']' || text === '}') return this.close();
    const postfix = text === '++' || text === '--' || (text === '!' && this.operandEnded);
    this.take('punct', position + text.length, postfix);
  }

  private opening(bracket: '(' | '[' | '{'): Opening {
    if (bracket === '[') return { kind: 'square', endsOperand: true };
    const word = this.last?.kind === 'word' ? this.last.text : '';
    if (bracket === '(') {
      const keyword = word === 'await' && this.beforeLast?.text === 'for' ? 'for' : word;
      const isProperty = this.beforeLast?.text === '.' || this.beforeLast?.text === '?.';
      return { kind: 'round', endsOperand: isProperty || !CONTROL_WORDS.has(keyword) };
    }
    const afterOperator = this.last?.kind === 'punct' && !BLOCK_PUNCT.has(this.last.text);
    const afterWord = LEADING_WORDS.has(word) && !BLOCK_WORDS.has(word);
    const isObject = (afterOperator || afterWord || this.last?.kind === 'template') && !this.operandEnded;
    return { kind: isObject ? 'object' : 'block', endsOperand: isObject };
  }

  private close(): void {
    const opening = this.openings.pop();
    if (opening?.kind === 'substitution') return this.template(this.position + 1);
    this.take('punct', this.position + 1, opening?.endsOperand ?? false);
  }
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:u\{([\da-fA-F]+)\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|([^]))/g,
    (_, braced, unit, byte, char) => {
      const code = (braced ?? unit ?? byte) as string | undefined;
      if (code === undefined) return char === '\n' ? '' : String(char);
      const point = Number.parseInt(code, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : '';
    },
  );
}
