// What goes wrong with an authority of ACME: a refusal in its own words (RFC 7807, RFC 8555 6.7), or an answer that is none.
// Whatever it says is held to a bound and to one line before it reaches a log or a customer.

const PREFIX = 'urn:ietf:params:acme:error:';
const DETAIL_CHARACTERS_MAX = 400;
const SUBPROBLEMS_MAX = 100;

export interface Subproblem {
  /** Without the prefix: `caa`. */
  readonly type: string;
  readonly detail: string;
  /** The name that it is about. */
  readonly name: string | undefined;
}

/** The authority refused. */
export class AcmeProblem extends Error {
  /** Without the prefix: `rateLimited`. */
  readonly type: string;
  /** As the authority said it, on one line. */
  readonly detail: string;
  readonly status: number;
  readonly subproblems: readonly Subproblem[];
  /** Where something is to be done by people, as with new terms. */
  readonly instance: string | undefined;
  /** Not before this, in real time. */
  readonly retryAtMs: number | undefined;

  constructor(what: string, status: number, document: unknown, retryAtMs?: number) {
    const { type, detail, subproblems, instance } = readProblem(document);
    super(`${what}: ${detail === '' ? `it answered ${status}` : detail}`);
    this.name = 'AcmeProblem';
    this.type = type;
    this.detail = detail;
    this.status = status;
    this.subproblems = subproblems;
    this.instance = instance;
    this.retryAtMs = retryAtMs;
  }
}

/** The authority could not be reached, or what it answered means nothing. */
export class AcmeTrouble extends Error {
  /** True when nothing of the request has reached the authority. */
  readonly isUnsent: boolean;
  /** What the operator does about it; undefined where trying again may help. */
  readonly remedy: string | undefined;

  constructor(message: string, options: { cause?: unknown; isUnsent?: boolean; remedy?: string | undefined } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AcmeTrouble';
    this.isUnsent = options.isUnsent ?? false;
    this.remedy = options.remedy;
  }
}

/** What an authority wrote, as one line of bounded length. */
export function oneLine(text: unknown): string {
  if (typeof text !== 'string') return '';
  // Letters, marks, digits, punctuation, symbols and blanks: nothing that moves a cursor or ends a line.
  const line = text
    .slice(0, DETAIL_CHARACTERS_MAX * 2)
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]+/gu, ' ')
    .trim();
  return line.length <= DETAIL_CHARACTERS_MAX ? line : `${line.slice(0, DETAIL_CHARACTERS_MAX)}…`;
}

function readProblem(document: unknown) {
  const { type, detail, subproblems, instance } = members(document);
  return {
    type: shortType(type),
    detail: oneLine(detail),
    instance: typeof instance === 'string' ? oneLine(instance) : undefined,
    subproblems: (Array.isArray(subproblems) ? subproblems.slice(0, SUBPROBLEMS_MAX) : []).map((one: unknown) => {
      const { type: part, detail: words, identifier } = members(one);
      const { value } = members(identifier);
      return { type: shortType(part), detail: oneLine(words), name: typeof value === 'string' ? value : undefined };
    }),
  };
}

function shortType(type: unknown): string {
  const text = oneLine(type);
  return text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
}

/** The members of a JSON object; none of anything else. */
export function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
