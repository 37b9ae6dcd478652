// What is counted of a stage: the metrics of AWS, of the whole stage or of a route where the stage asks for detail, and its traffic.
// Plain numbers, found without a look-up by whoever has a connection. Nothing here renders, and nothing is bounded by time.

import { Latency } from '../../observe/metrics/latency.ts';
import { limit } from '../../settings/limits.ts';
import type { Snapshot, StageEntry } from '../../snapshot/snapshot.ts';
import type { Counted, Told } from './told.ts';

/** `uncounted`: too much, which AWS does not count, or what is no doing of the API's. */
export type ErrorKind = 'none' | 'integration' | 'client' | 'execution' | 'uncounted';

/** One series of each metric of AWS: of a route, or of whatever of a stage no route is counted for. */
export class RouteCounts implements Counted {
  readonly stage: StageMeters;
  /** `''` for the stage as far as its routes are not counted by themselves. */
  readonly routeKey: string;
  connects = 0;
  messages = 0;
  integrationErrors = 0;
  clientErrors = 0;
  executionErrors = 0;
  operations = 0;
  latency: Latency | undefined;
  told?: Told;

  constructor(stage: StageMeters, routeKey: string) {
    this.stage = stage;
    this.routeKey = routeKey;
  }

  /** One operation, and how it ended. */
  add(kind: Exclude<ErrorKind, 'uncounted'>): void {
    this.operations += 1;
    if (kind === 'integration') this.integrationErrors += 1;
    else if (kind === 'client') this.clientErrors += 1;
    else if (kind === 'execution') this.executionErrors += 1;
  }

  addLatency(ms: number): void {
    (this.latency ??= new Latency()).add(ms);
  }

  /** In the order of `ROUTE_NUMBERS`, then the sum of the latency, then its buckets. */
  numbers(): number[] {
    const { connects, messages, integrationErrors, clientErrors, executionErrors, operations, latency = NONE } = this;
    const counts = [connects, messages, integrationErrors, clientErrors, executionErrors, operations];
    return [...counts, latency.sumMs, ...latency.counts];
  }
}

const NONE = new Latency();

/** The metrics that the first numbers of `RouteCounts` are. */
export const ROUTE_NUMBERS = [
  'aws_apigateway_connect_count_total',
  'aws_apigateway_message_count_total',
  'aws_apigateway_integration_error_total',
  'aws_apigateway_client_error_total',
  'aws_apigateway_execution_error_total',
  'aws_apigateway_operations_total',
] as const;

/** What goes through sockets. `numbers` are messages and bytes, in and out, and errors where they are counted. */
export class Traffic implements Counted {
  connections = 0;
  messagesIn = 0;
  messagesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  errors = 0;
  told?: Told;

  received(bytes: number): void {
    this.messagesIn += 1;
    this.bytesIn += bytes;
  }

  sent(bytes: number): void {
    this.messagesOut += 1;
    this.bytesOut += bytes;
  }

  numbers(): number[] {
    return [this.messagesIn, this.messagesOut, this.bytesIn, this.bytesOut, this.errors];
  }
}

export class StageMeters extends Traffic {
  readonly apiId: string;
  readonly stageName: string;
  readonly account: string;
  readonly whole = new RouteCounts(this, '');
  readonly routes = new Map<string, RouteCounts>();
  /** What the stage asked for when it was looked at last. */
  #entry: StageEntry | undefined;
  #isDetailed = false;
  #detailed: ReadonlySet<string> = NO_ROUTES;

  constructor(apiId: string, stageName: string, account: string) {
    super();
    this.apiId = apiId;
    this.stageName = stageName;
    this.account = account;
  }

  /** Where an operation of a route is counted. `entry` is the stage as it is now; undefined once it is gone. */
  countsFor(routeKey: string | undefined, entry: StageEntry | undefined): RouteCounts {
    if (entry !== this.#entry && entry) this.#look(entry);
    if (routeKey === undefined || (!this.#isDetailed && !this.#detailed.has(routeKey))) return this.whole;
    return this.routes.get(routeKey) ?? this.#addRoute(routeKey);
  }

  /** A route's `false` does not take back what the stage says of all. */
  #look(entry: StageEntry): void {
    this.#entry = entry;
    this.#isDetailed = entry.defaultRouteSettings.detailedMetricsEnabled === true;
    const detailed = Object.entries(entry.routeSettings).filter(([, settings]) => settings.detailedMetricsEnabled);
    this.#detailed = detailed.length === 0 ? NO_ROUTES : new Set(detailed.map(([routeKey]) => routeKey));
  }

  #addRoute(routeKey: string): RouteCounts {
    if (this.routes.size >= limit('metricsRoutesPerStageMax')) return this.whole;
    const counts = new RouteCounts(this, routeKey);
    this.routes.set(routeKey, counts);
    return counts;
  }
}

const NO_ROUTES: ReadonlySet<string> = new Set();

/** Every stage that anything was counted of, for as long as there is the stage, or a socket of it. */
export class StageTable {
  readonly #snapshot: Snapshot;
  readonly #stages = new Map<string, StageMeters>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  of(apiId: string, stageName: string, account: string): StageMeters {
    const key = `${apiId}/${stageName}`;
    let found = this.#stages.get(key);
    if (!found) this.#stages.set(key, (found = new StageMeters(apiId, stageName, account)));
    return found;
  }

  /** Those that there are now. The others are forgotten with their last socket. */
  all(): StageMeters[] {
    const there: StageMeters[] = [];
    for (const [key, stage] of this.#stages) {
      if (this.#snapshot.stage(stage.apiId, stage.stageName)) there.push(stage);
      else if (stage.connections === 0) this.#stages.delete(key);
    }
    return there;
  }
}
