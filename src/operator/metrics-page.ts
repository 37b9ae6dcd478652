// `GET /_sallyport/metrics`: what every room has counted, as Prometheus reads it. Open to whoever is on this machine; from elsewhere, and
// for an account's own numbers, it is signed like any page.

import type { MetricSource } from '../observe/metrics/readings.ts';
import { normalizeHost } from '../protocol/host-name.ts';
import { isLoopback } from '../settings/read-settings.ts';
import { requireSigned, type OperatorAnswer, type OperatorRequest, type SigningWorld } from './signed-request.ts';

/**
 * Everybody who has counted something.
 * @port metric-sources
 */
export interface MetricSources {
  readonly all: readonly MetricSource[];
}

export interface MetricsWorld extends SigningWorld {
  readonly metricSources: MetricSources;
}

/**
 * What says that a request was handed on for somebody else: by a proxy on this machine, or by an integration, which is a tenant's. A
 * mapping may replace the last one, but not leave it out.
 */
const HANDED_ON = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip', 'x-amzn-apigateway-api-id'];

/** Whoever comes while the whole server's are being read gets the same ones. */
const underWay = new WeakMap<MetricSources, Promise<string>>();

/** The whole server's to the machine itself and to an operator, else the account's own. */
export async function showMetrics(request: OperatorRequest, world: MetricsWorld): Promise<OperatorAnswer> {
  const account = isOpenTo(request) ? undefined : readerOf(requireSigned(request, world), world);
  const { writeExposition, EXPOSITION_TYPE } = await import('../observe/metrics/exposition.ts');
  const { metricSources: sources } = world;
  let body = account === undefined ? underWay.get(sources) : writeExposition(sources.all, { account });
  if (!body) {
    body = writeExposition(sources.all, { account }).finally(() => underWay.delete(sources));
    underWay.set(sources, body);
  }
  return { status: 200, headers: { 'Content-Type': EXPOSITION_TYPE }, body: await body };
}

function readerOf(account: string, world: MetricsWorld): string | undefined {
  return world.identities().isOperator(account) ? undefined : account;
}

/** By the address that it comes from and the host that it names, both. Whoever signs is held to the signature. */
function isOpenTo({ sourceIp, headers, target }: OperatorRequest): boolean {
  if (headers['authorization'] !== undefined || /[?&]X-Amz-/i.test(target)) return false;
  if (!isLoopback(sourceIp) || HANDED_ON.some((name) => headers[name] !== undefined)) return false;
  const host = normalizeHost(headers['host']).replace(/^\[|\]$/g, '');
  return host.endsWith('.localhost') || isLoopback(host);
}
