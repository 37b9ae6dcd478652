// A span that is over, as OpenTelemetry means it: what happened, from when to when, within what, and how it ended. A value, ready to be
// sent.

export type SpanKind = 'internal' | 'server' | 'client' | 'consumer';
export type AttributeValue = string | number | boolean;
/** What is undefined is left out. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Span {
  /** Hex digits: 32, and 16. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** The caller is another process. */
  readonly isParentRemote: boolean;
  readonly state: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Real time since 1970, in milliseconds and their parts. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly links: readonly SpanLink[];
  /** Why it failed; undefined when it did not. */
  readonly error: string | undefined;
}
