// What a runtime asks of the gateway, however it does: the port between runtime-channel.ts or runtime-api.ts and environment.ts.

import type { Invocation } from './invocation.ts';

/** What one process asks for. */
export interface RuntimeRequests {
  /** Resolves when there is an invocation; undefined when there will be none, because the process is to end. */
  next(): Promise<Invocation | undefined>;
  /** False when the process has no such invocation. `body` is undefined when it exceeds the bound. */
  respond(requestId: string, body: Buffer | undefined): boolean;
  fail(requestId: string, body: Buffer, errorType: string): boolean;
  failInit(body: Buffer, errorType: string): void;
  /** Where a name of this gateway's own is reached from inside; undefined for any other name. */
  ownName(host: string, port: number): OwnAddress | undefined;
}

export interface OwnAddress {
  readonly address: string;
  readonly port: number;
}
