// What a backend was asked, and what it said before anything was made of it: written down while it is called, for routes whose execution
// log tells of it. References alone; nothing is copied, and nothing is here for a route that is not logged.

import { routeLoggingOf } from '../../snapshot/stage-logs.ts';
import type { StageEntry } from '../../snapshot/snapshot.ts';
import type { Answer } from '../stages.ts';

export interface CallNotes {
  request?: NotedRequest;
  response?: Answer;
  /** The request id of whoever answered, where it has one of its own. */
  endpointRequestId?: string;
}

export interface NotedRequest {
  readonly uri: string;
  /** Without those of a signature. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | undefined;
}

/** Undefined where nobody reads them. */
export function notesFor(stage: StageEntry | undefined, routeKey: string): CallNotes | undefined {
  const execution = stage?.logs?.execution;
  if (execution === undefined) return undefined;
  return routeLoggingOf(execution, routeKey) && {};
}
