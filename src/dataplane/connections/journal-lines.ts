// The lines of the disconnect journal, out and in: one JSON array each. `+` a connection opened, `~` it is gone, `-` its
// `$disconnect` was delivered. A line that is torn or no JSON is passed over: the last one may have been half written.

import type { CloseReason } from './close-reasons.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import type { JournalEntry } from './journal-entry.ts';

export function openedLine({ requestId, facts }: Pick<JournalEntry, 'requestId' | 'facts'>): string {
  return `${JSON.stringify(['+', requestId, facts])}\n`;
}

export function closedLine(connectionId: string, { code, reason }: CloseReason): string {
  return `${JSON.stringify(['~', connectionId, code, reason])}\n`;
}

export function deliveredLine(connectionId: string): string {
  return `["-","${connectionId}"]\n`;
}

/** Brings `owed`, by connection id, up to date with the lines of one file. */
export function readLines(text: string, owed: Map<string, JournalEntry>, segment: JournalEntry['segment']): void {
  for (const line of text.split('\n')) {
    const values = parse(line);
    if (!values) continue;
    const [sign, first, second, third] = values;
    if (sign === '+' && typeof first === 'string' && isFacts(second)) {
      owed.set(second.connectionId, { requestId: first, facts: second, ended: undefined, segment });
    } else if (sign === '~' && typeof first === 'string' && typeof second === 'number' && typeof third === 'string') {
      const entry = owed.get(first);
      if (entry) entry.ended = { code: second, reason: third };
    } else if (sign === '-' && typeof first === 'string') owed.delete(first);
  }
}

function parse(line: string): unknown[] | undefined {
  if (!line.startsWith('[')) return undefined;
  try {
    return JSON.parse(line) as unknown[];
  } catch {
    // Torn: its connection was never told that it is open, or its end is told once more.
    return undefined;
  }
}

function isFacts(value: unknown): value is ConnectionFacts {
  const facts = value as Partial<ConnectionFacts> | null | undefined;
  return (
    typeof facts?.connectionId === 'string' &&
    typeof facts.apiId === 'string' &&
    typeof facts.stageName === 'string' &&
    typeof facts.connectedAtMs === 'number'
  );
}
