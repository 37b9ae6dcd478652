// One invocation of a local function, from the caller to the process and back; and the errors that Lambda itself makes of one, in its
// words.

import type { FunctionOutcome } from '../model/function-call.ts';

/** How an invocation ends that reached the runner: as the port knows it, or refused because too many are under way. */
export type LocalOutcome = (
  Extract<FunctionOutcome, { kind: 'returned' | 'failed' }> | { readonly kind: 'throttled' }
) & {
  /** The last of its log, in Base64, where it is asked for. */
  readonly logTail?: string;
};

/** What is known of an invocation at its end. */
export interface InvocationFacts {
  readonly durationMs: number;
  /** How long its process took to start; undefined where it was there. */
  readonly initMs: number | undefined;
  readonly memoryMb: number;
  readonly usedMb: number;
}

export interface LogTail {
  /** What the process printed, as it was read. */
  add(chunk: Buffer): void;
  /** All that is shown, in Base64. */
  finish(facts: InvocationFacts, outcome: LocalOutcome): string;
}

export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  /** JSON. */
  readonly payload: Buffer;
  readonly traceId: string;
  /** JSON, as the Runtime API hands it on. */
  readonly clientContext: string | undefined;
  /** Collects the last of its log; undefined where nobody asks for it. */
  readonly tail: LogTail | undefined;
  /** When the function's time is up, in real time. Set as a process takes it. */
  deadlineMs: number;
  /** Ends it; what comes after the first is nothing. */
  settle(outcome: LocalOutcome): void;
}

/** An error that no code of the function's made. Lambda puts the request id in front of it. */
export function platformError(requestId: string, errorType: string, text: string): LocalOutcome {
  const errorMessage = `RequestId: ${requestId} Error: ${text}`;
  const payload = Buffer.from(JSON.stringify({ errorType, errorMessage }));
  return { kind: 'failed', errorType, errorMessage, payload, requestId };
}

const JSON_OBJECT = /^\s*\{/;

/** An error that a runtime tells of: its JSON as it is. */
export function runtimeError(requestId: string, body: Buffer, errorType: string): LocalOutcome {
  let told: Record<string, unknown> = {};
  try {
    const text = body.toString();
    if (JSON_OBJECT.test(text)) told = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A runtime that fails may say so in any words; what it names the error in the header counts then.
  }
  const textOf = (member: string) => (typeof told[member] === 'string' ? told[member] : undefined);
  const type = textOf('errorType') ?? errorType;
  const payload = Object.keys(told).length > 0 ? body : Buffer.from(JSON.stringify({ errorType: type }));
  return { kind: 'failed', errorType: type, errorMessage: textOf('errorMessage') ?? '', payload, requestId };
}
