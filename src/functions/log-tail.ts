// What Invoke shows of the log where it is asked to (LogType Tail): the last of what the invocation printed, between the lines that Lambda
// itself writes about it.

import { realClock } from '../ambient/clock.ts';
import { limit } from '../settings/limits.ts';
import type { Invocation, InvocationFacts, LocalOutcome, LogTail } from './invocation.ts';

/** The last bytes of whatever is added. */
export function createLastBytes(bytesMax: number) {
  let chunks: Buffer[] = [];
  let have = 0;
  return {
    add(chunk: Buffer): void {
      const last = chunk.subarray(-bytesMax);
      chunks.push(last);
      have += last.length;
      if (have <= 2 * bytesMax) return;
      chunks = [Buffer.concat(chunks).subarray(-bytesMax)];
      have = bytesMax;
    },
    bytes: (): Buffer => Buffer.concat(chunks).subarray(-bytesMax),
  };
}

export function createLogTail(requestId: string): LogTail {
  const tail = createLastBytes(limit('functionLogTailBytes'));
  const line = (text: string) => tail.add(Buffer.from(`${text}\n`));
  let endsLine = true;
  line(`START RequestId: ${requestId} Version: $LATEST`);
  return {
    add(chunk) {
      if (chunk.length === 0) return;
      tail.add(chunk);
      endsLine = chunk.at(-1) === 0x0a;
    },
    finish({ durationMs, initMs, memoryMb, usedMb }, outcome) {
      if (!endsLine) line('');
      const note = noteOf(requestId, outcome);
      if (note !== undefined) line(note);
      line(`END RequestId: ${requestId}`);
      const figures = [
        `REPORT RequestId: ${requestId}`,
        `Duration: ${durationMs.toFixed(2)} ms`,
        `Billed Duration: ${Math.ceil(durationMs + (initMs ?? 0))} ms`,
        `Memory Size: ${memoryMb} MB`,
        `Max Memory Used: ${Math.ceil(usedMb)} MB`,
        ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
      ];
      line(`${figures.join('\t')}\t`);
      return tail.bytes().toString('base64');
    },
  };
}

/** What Lambda itself has to say of the end, where it is not the handler's. */
function noteOf(requestId: string, outcome: LocalOutcome): string | undefined {
  if (outcome.kind !== 'failed') return undefined;
  const { errorType, errorMessage } = outcome;
  if (errorType === 'Sandbox.Timedout') {
    const text = errorMessage.slice(errorMessage.indexOf('Task timed out'));
    return `${new Date(realClock.now()).toISOString()} ${requestId} ${text}\n`;
  }
  const isOfPlatform = errorType === 'Runtime.ExitError' || errorType === 'Runtime.InvalidEntrypoint';
  return isOfPlatform ? `${errorMessage}\n${errorType}` : undefined;
}

/** The outcome, with the last of the log where it is asked for. `printed`: what its process printed before it was there. */
export function withLogTail(
  { tail }: Invocation,
  outcome: LocalOutcome,
  facts: InvocationFacts,
  printed?: Buffer,
): LocalOutcome {
  if (!tail) return outcome;
  if (printed) tail.add(printed);
  return { ...outcome, logTail: tail.finish(facts, outcome) };
}
