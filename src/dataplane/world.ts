// What every step of the data plane is given beside its input. Made once by main.ts; nothing in it changes but what it points at.

import type { LifecycleClock, Clock } from '../ambient/clock.ts';
import type { ConnectionIds } from '../ambient/connection-id.ts';
import type { LocalDelivery } from '../delivery/local-delivery.ts';
import type { Identities } from '../identity/identities.ts';
import type { Log } from '../observe/log.ts';
import type { ErrorDetail } from '../model/stage-options.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { ApiKeys } from './admit/api-keys.ts';
import type { Throttle } from './admit/throttle.ts';
import type { TenantBounds } from './tenant-bounds.ts';
import type { Backends } from './integrate/integrate.ts';
import type { Background } from './connections/background.ts';
import type { DisconnectJournal } from './connections/disconnect-journal.ts';
import type { Witnesses } from './happening.ts';
import type { Meters } from './meters/meters.ts';
import type { HandshakeFacts } from './connections/handshake-facts.ts';
import type { Tracing } from './tracing.ts';
import type { Deadlines } from './connections/deadlines.ts';

export interface DataWorld extends TenantBounds {
  readonly snapshot: Snapshot;
  readonly delivery: LocalDelivery;
  readonly identities: () => Identities;
  readonly connectionIds: ConnectionIds;
  readonly backends: Backends;
  readonly deadlines: Deadlines;
  readonly throttle: Throttle;
  readonly apiKeys: ApiKeys;
  readonly background: Background;
  readonly disconnects: DisconnectJournal;
  readonly handshakes: HandshakeFacts;
  /** What is counted of everything that happens. */
  readonly meters: Meters;
  /** Who is told of everything that happens. */
  readonly witnesses: Witnesses;
  /** Undefined where no traces are made. */
  readonly tracing?: Tracing | undefined;
  readonly clock: LifecycleClock;
  readonly realClock: Clock;
  readonly log: Log;
  readonly suffix: string;
  readonly strictHost: boolean;
  /** What error frames say beside AWS's members, where a stage does not say it. */
  readonly errorDetail: ErrorDetail;
  /** `:8443`, or nothing for 443. */
  readonly publicPort: () => string;
  /** The same, and nothing with --bare-domain-name: what `domainName` carries. */
  readonly domainNamePort: () => string;
  /** True from the moment a shutdown began: no new connection is admitted. */
  readonly isDraining: () => boolean;
}
