// What the data plane says when the metrics are read: the numbers of meters.ts with their labels, so few series that whoever keeps them
// can, and what is only known by looking. Loaded with the first reading; keeps which series are shown from one to the next.

import type { LocalDelivery } from '../../delivery/local-delivery.ts';
import type { Clock } from '../../ambient/clock.ts';
import type { MetricReader, Readings } from '../../observe/metrics/readings.ts';
import { limit } from '../../settings/limits.ts';
import { Connection } from '../connections/connection.ts';
import type { HostMeters } from './host-meters.ts';
import type { Meters } from './meters.ts';
import { ROUTE_NUMBERS, type StageMeters, type Traffic } from './stage-meters.ts';
import { Busiest, busiestOf, type Counted, type Shown, type Told } from './told.ts';

export interface MeteredWorld {
  readonly meters: Meters;
  readonly delivery: LocalDelivery;
  readonly realClock: Clock;
  readonly unknownServerNames: () => number;
}

/** The label of what is summed: longer than a stage's API id and without the dot of a domain name, so that it is none of them. */
const OTHER = 'other';
const SUM_PLACE = ROUTE_NUMBERS.length;
const OPERATIONS_PLACE = ROUTE_NUMBERS.indexOf('aws_apigateway_operations_total');
/** Sockets are looked at so many in a turn, so that messages get theirs. */
const SOCKETS_PER_TURN = 1_000;

const operationsOf = (numbers: readonly number[]) => numbers[OPERATIONS_PLACE]!;
const messagesOf = ([messagesIn = 0, messagesOut = 0]: readonly number[]) => messagesIn + messagesOut;

/** Who is shown of a kind: for an account, who has counted most; for the whole server, as `Busiest` has it. */
type Ranking = <T extends Counted>(all: readonly T[]) => Shown<T>;

export function createMeterReadings(world: MeteredWorld) {
  const { meters, delivery, realClock } = world;
  const rankIntervalMs = limit('metricsRankIntervalMs');
  const ranking = (max: number, busyOf: (numbers: readonly number[]) => number) => {
    const busiest = new Busiest<Counted>(max, rankIntervalMs, busyOf);
    return ({ account }: MetricReader): Ranking =>
      (all) =>
        account === undefined ? (busiest.tell(all, realClock.now()) as Shown<never>) : busiestOf(all, max, busyOf);
  };
  const routes = ranking(limit('metricsRoutesShownMax'), operationsOf);
  const stages = ranking(limit('metricsStagesShownMax'), messagesOf);
  const domains = ranking(limit('metricsDomainsShownMax'), messagesOf);
  const tenants = ranking(limit('metricsTenantsShownMax'), messagesOf);
  const sums = new DomainSums();

  return async (readings: Readings, reader: MetricReader): Promise<void> => {
    const { account } = reader;
    const isOwn = (one: { readonly account: string }) => account === undefined || one.account === account;
    const ownStages = meters.stages.all().filter(isOwn);
    readRoutes(ownStages, routes(reader), readings);
    readStages(stages(reader)(ownStages), readings);
    const hosts = meters.hosts.all(account);
    readDomains(domains(reader)(sums.of(hosts, account)), readings);
    readTenants(tenants(reader)(hosts.filter(({ isTenant }) => isTenant)), readings);
    if (account !== undefined) return;
    readings.add('sallyport_connections', {}, delivery.size);
    readOccurrences(meters, readings);
    readTls(world, readings);
    await readSendQueues(delivery, readings);
  };
}

function readRoutes(all: readonly StageMeters[], shownOf: Ranking, readings: Readings): void {
  const counted = all.flatMap(({ whole, routes }) => [whole, ...routes.values()]);
  const { shown, others } = shownOf(counted.filter(({ operations }) => operations > 0));
  for (const [{ stage, routeKey }, numbers] of shown)
    readRoute({ api_id: stage.apiId, stage: stage.stageName, route: routeKey }, numbers, readings);
  if (others) readRoute({ api_id: OTHER, stage: OTHER, route: '' }, others, readings);
}

function readRoute(
  labels: { readonly api_id: string; readonly stage: string; readonly route: string },
  numbers: readonly number[],
  readings: Readings,
): void {
  for (const [place, name] of ROUTE_NUMBERS.entries()) readings.add(name, labels, numbers[place]!);
  const latency = { sumMs: numbers[SUM_PLACE]!, counts: numbers.slice(SUM_PLACE + 1) };
  // Where nothing was called there is no sample, as for MOCK.
  if (latency.counts.some((count) => count > 0))
    readings.addLatency('aws_apigateway_integration_latency_seconds', labels, latency);
}

function readStages({ shown, others, leftOut }: Shown<StageMeters>, readings: Readings): void {
  const read = (api_id: string, stage: string, connections: number, numbers: readonly number[]) => {
    const labels = { api_id, stage };
    const [messagesIn, messagesOut, bytesIn, bytesOut] = numbers as [number, number, number, number];
    readings.add('sallyport_stage_connections', labels, connections);
    readings.add('sallyport_stage_messages_total', { ...labels, direction: 'in' }, messagesIn);
    readings.add('sallyport_stage_messages_total', { ...labels, direction: 'out' }, messagesOut);
    readings.add('sallyport_stage_bytes_total', { ...labels, direction: 'in' }, bytesIn);
    readings.add('sallyport_stage_bytes_total', { ...labels, direction: 'out' }, bytesOut);
  };
  for (const [{ apiId, stageName, connections }, numbers] of shown) read(apiId, stageName, connections, numbers);
  if (others) read(OTHER, OTHER, connectionsOf(leftOut), others);
}

function readDomains({ shown, others, leftOut }: Shown<DomainSum>, readings: Readings): void {
  const read = (domain: string, connections: number, numbers: readonly number[]) => {
    const [messagesIn, messagesOut, bytesIn, bytesOut, errors] = numbers as [number, number, number, number, number];
    readings.add('sallyport_domain_connections', { domain }, connections);
    readings.add('sallyport_domain_messages_total', { domain, direction: 'in' }, messagesIn);
    readings.add('sallyport_domain_messages_total', { domain, direction: 'out' }, messagesOut);
    readings.add('sallyport_domain_bytes_total', { domain, direction: 'in' }, bytesIn);
    readings.add('sallyport_domain_bytes_total', { domain, direction: 'out' }, bytesOut);
    readings.add('sallyport_domain_errors_total', { domain }, errors);
  };
  for (const [{ domainName, connections }, numbers] of shown) read(domainName, connections, numbers);
  if (others) read(OTHER, connectionsOf(leftOut), others);
}

function readTenants({ shown, others, leftOut }: Shown<HostMeters>, readings: Readings): void {
  const read = (domain: string, host: string, connections: number, numbers: readonly number[]) => {
    const labels = { domain, host };
    const [messagesIn, messagesOut, bytesIn, bytesOut, errors] = numbers as [number, number, number, number, number];
    readings.add('sallyport_tenant_connections', labels, connections);
    readings.add('sallyport_tenant_messages_total', { ...labels, direction: 'in' }, messagesIn);
    readings.add('sallyport_tenant_messages_total', { ...labels, direction: 'out' }, messagesOut);
    readings.add('sallyport_tenant_bytes_total', { ...labels, direction: 'in' }, bytesIn);
    readings.add('sallyport_tenant_bytes_total', { ...labels, direction: 'out' }, bytesOut);
    readings.add('sallyport_tenant_errors_total', labels, errors);
  };
  for (const [{ domainName, host, connections }, numbers] of shown) read(domainName, host!, connections, numbers);
  if (others) read(OTHER, OTHER, connectionsOf(leftOut), others);
}

const connectionsOf = (all: readonly Pick<Traffic, 'connections'>[]) =>
  all.reduce((sum, { connections }) => sum + connections, 0);

/** What the hosts of one domain name come to, those that are counted with the rest among them. */
interface DomainSum extends Counted {
  readonly domainName: string;
  connections: number;
  sum: number[];
}

class DomainSums {
  #known = new Map<string, DomainSum>();

  /** For everybody they are the same ones each time, so that what was told of them is known. */
  of(hosts: readonly HostMeters[], account: string | undefined): DomainSum[] {
    const sums = new Map<string, DomainSum>();
    for (const host of hosts) {
      const { domainName } = host;
      let sum = sums.get(domainName);
      if (!sum) sums.set(domainName, (sum = this.#fresh(domainName, account)));
      sum.connections += host.connections;
      for (const [place, number] of host.numbers().entries()) sum.sum[place] = (sum.sum[place] ?? 0) + number;
    }
    if (account === undefined) this.#known = sums;
    return [...sums.values()];
  }

  #fresh(domainName: string, account: string | undefined): DomainSum {
    const told: Told | undefined = account === undefined ? this.#known.get(domainName)?.told : undefined;
    const sum: number[] = [];
    return { domainName, connections: 0, sum, numbers: () => [...sum], ...(told && { told }) };
  }
}

function readOccurrences(meters: Meters, readings: Readings): void {
  for (const [words, count] of meters.handshakes.entries()) {
    const [outcome = '', step = '', code = ''] = words.split(' ');
    readings.add('sallyport_handshakes_total', { outcome, step, code }, count);
  }
  for (const [words, count] of meters.messagesFailed.entries()) {
    const [step = '', code = ''] = words.split(' ');
    readings.add('sallyport_messages_failed_total', { step, code }, count);
  }
  for (const [words, count] of meters.callbacks.entries()) {
    const [method = '', code = ''] = words.split(' ');
    readings.add('sallyport_callbacks_total', { method, code }, count);
  }
  for (const [code, count] of meters.closeCodes.entries())
    readings.add('sallyport_connections_closed_total', { code }, count);
}

function readTls({ meters, unknownServerNames }: MeteredWorld, readings: Readings): void {
  const { full, resumed, failed } = meters.tls;
  readings.add('sallyport_tls_handshakes_total', { kind: 'full' }, full);
  readings.add('sallyport_tls_handshakes_total', { kind: 'resumed' }, resumed);
  readings.add('sallyport_tls_handshake_failures_total', {}, failed);
  readings.add('sallyport_tls_unknown_server_names_total', {}, unknownServerNames());
}

async function readSendQueues(delivery: LocalDelivery, readings: Readings): Promise<void> {
  let [all, most, looked] = [0, 0, 0];
  // A map may change between two turns: what comes is looked at too, what goes is not.
  for (const socket of delivery.sockets()) {
    const bytes = socket instanceof Connection ? socket.queuedBytes : 0;
    all += bytes;
    if (bytes > most) most = bytes;
    looked += 1;
    if (looked % SOCKETS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  readings.add('sallyport_send_queue_bytes', {}, all);
  readings.add('sallyport_send_queue_bytes_max', {}, most);
}
