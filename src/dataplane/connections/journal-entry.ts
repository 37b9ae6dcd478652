// What the disconnect journal keeps: one entry a connection, in one of its files.

import type { CloseReason } from './close-reasons.ts';
import type { ConnectionFacts } from './connection-facts.ts';

/** One file. Files end oldest first, so that no entry outlives the line that ended it. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** What was opened in here and is not delivered; undefined until a file of an earlier process was read. */
  live: Set<JournalEntry> | undefined;
  bytes: number;
}

/** A connection whose `$disconnect` is owed. */
export interface JournalEntry {
  readonly facts: ConnectionFacts;
  /** Of the `$disconnect`, decided when the connection opened: a delivery and its repetition carry the same. */
  readonly requestId: string;
  /** How it ended, where that is known. */
  ended: CloseReason | undefined;
  segment: Segment;
}
