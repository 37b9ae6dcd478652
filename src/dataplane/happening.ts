// What has happened, as the path tells it once it is over: a connect, a message, a disconnect or a callback, let in or refused. Access and
// execution logs, traces and the live view are made from it, and from nothing else; what is only counted is meters/. Nobody listens on most servers, so nothing
// is copied or rendered here: whoever wants more than a count looks at what the members refer to, in the same turn or not at all.

import type { Refusal } from '../model/faults.ts';
import type { Log } from '../observe/log.ts';
import type { StageEntry } from '../snapshot/snapshot.ts';
import type { IamFacts } from './admit/authorized.ts';
import type { IntegrationEvent } from './integrate/event-context.ts';
import type { Answer } from './stages.ts';
import type { Trace } from './tracing.ts';

export interface Happening {
  readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT' | 'CONNECTION_API';
  readonly requestId: string;
  /** Lifecycle time at which it began. */
  readonly atMs: number;
  /** Real time from its beginning to its end. */
  readonly tookMs: number;
  /** Undefined where nothing was found that it is for, or is gone. */
  readonly stage: StageEntry | undefined;
  /** `$connect`, `$disconnect`, a route, `POST /@connections/{connectionId}`; undefined for a message that no route took. */
  readonly routeKey: string | undefined;
  readonly connectionId: string | undefined;
  /** The host that the client, or the caller, used, with the port where `domainName` carries one (`hostOfDomainName`). */
  readonly domainName: string;
  /** Without its query, of handshakes and callbacks; undefined for what came over an open connection. */
  readonly path: string | undefined;
  readonly sourceIp: string;
  /** What `$context` is read from. Undefined for callbacks, and for handshakes that were refused before there was a connection id. */
  readonly event: IntegrationEvent | undefined;
  /** Whom `$connect` asked whether the client may connect, and the real time that it took; undefined where nobody was asked. */
  readonly authorization?: { readonly type: 'AWS_IAM' | 'REQUEST'; readonly tookMs: number } | undefined;
  /** Who called back, or was refused before there was an event, as far as that was found out. */
  readonly caller?: { readonly iam: IamFacts | undefined; readonly userAgent: string | undefined } | undefined;
  /** What the client got, or would have got where nobody waits: 200 for what went well. */
  readonly status: number;
  readonly refusal: Refusal | undefined;
  /** What the integration answered, where one was called and answered. */
  readonly answer: Answer | undefined;
  /** Real time that the integration took; undefined where none was called. */
  readonly integrationMs: number | undefined;
  /** The client's message, or the caller's body, as far as it was read. */
  readonly body: Buffer | undefined;
  /** Of that. */
  readonly bytesIn: number;
  /** Of what was sent to the client's socket: a reply, an error frame, a callback's message. */
  readonly bytesOut: number;
  /** Where traces are made: when it and its calls were, and what they belong to. */
  readonly trace?: Trace | undefined;
}

/** Runs in the turn of the path: it must not wait. One that throws is told of in the log, and costs nobody else anything. */
export type Witness = (happening: Happening) => void;

export interface Witnesses {
  /** False while nobody listens: then nothing needs to be told. */
  readonly isWatched: boolean;
  tell(happening: Happening): void;
  /** Listens until the returned function is called. */
  watch(witness: Witness): () => void;
}

export function createWitnesses(log: Log): Witnesses {
  const watching = new Set<Witness>();
  let list: readonly Witness[] = [];
  return {
    get isWatched() {
      return list.length > 0;
    },
    tell(happening) {
      for (const witness of list) {
        try {
          witness(happening);
        } catch (error) {
          // What has happened has happened: a client must not be told that it failed because somebody could not write it down.
          const { requestId, eventType } = happening;
          log.error('a witness failed', { requestId, eventType, error: (error as Error).stack });
        }
      }
    },
    watch(witness) {
      watching.add(witness);
      list = [...watching];
      return () => {
        watching.delete(witness);
        list = [...watching];
      };
    },
  };
}
