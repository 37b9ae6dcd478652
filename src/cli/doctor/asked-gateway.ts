// The gateway that the doctor finds at the endpoint, by its open pages and, where whoever asks is its operator, by its status page.

import type { ListenAddress } from '../../settings/settings.ts';
import { askControl, ControlProblem, NoGatewayProblem, type ControlOptions } from '../control-client.ts';

export interface PartState {
  readonly part: string;
  readonly state: string;
  readonly why?: string;
  readonly next?: string;
}

/** `GET /_sallyport/status`. */
export interface GatewayStatus {
  readonly version: string;
  readonly node: string;
  readonly addresses: Readonly<Partial<Record<string, unknown>>>;
  readonly parts: readonly PartState[];
  readonly openConnections: number;
  readonly memoryBytes: number;
}

export interface AskedGateway {
  readonly version: string;
  readonly parts: readonly PartState[];
  /** How far its clock is ahead of this machine's, in milliseconds, as well as a header in whole seconds tells. */
  readonly aheadMs: number | undefined;
  /** Undefined where who asks may not be told; then `untold` says why. */
  readonly status: GatewayStatus | undefined;
  readonly untold: string | undefined;
}

const LOOK_TIMEOUT_MS = 5_000;
const HALF_SECOND_MS = 500;

/** Undefined where nobody answers. Throws a ControlProblem for an endpoint that is no gateway's. */
export async function findGateway(options: ControlOptions): Promise<AskedGateway | undefined> {
  const beganMs = Date.now();
  const ready = await openPage(options, '/_sallyport/ready');
  if (!ready) return undefined;
  const [health, told] = await Promise.all([openPage(options, '/_sallyport/health'), statusOf(options)]);
  const { parts } = ready.body as { parts?: readonly PartState[] };
  const { version = '' } = (health?.body ?? {}) as { version?: string };
  if (!Array.isArray(parts))
    throw new ControlProblem(`${options.endpoint} answers, and is no sallyport of this version.`);
  const dateMs = Date.parse(ready.date);
  // Between the request and the answer, and anywhere in the second that the header names.
  const aheadMs = Number.isNaN(dateMs) ? undefined : dateMs + HALF_SECOND_MS - (beganMs + ready.atMs) / 2;
  return { version, parts: told.status?.parts ?? parts, aheadMs, ...told };
}

async function openPage(options: ControlOptions, target: string) {
  try {
    const response = await fetch(new URL(target, options.endpoint), { signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) });
    const body = (await response.json().catch(() => ({}))) as unknown;
    return { body, date: response.headers.get('date') ?? '', atMs: Date.now() };
  } catch (error) {
    if (error instanceof TypeError && !URL.canParse(options.endpoint))
      throw new ControlProblem(`--endpoint '${options.endpoint}' is not a URL.`);
    // Refused, reset, or silent: nobody is there who could be asked.
    return undefined;
  }
}

async function statusOf(options: ControlOptions): Promise<Pick<AskedGateway, 'status' | 'untold'>> {
  try {
    return { status: (await askControl(options, '/_sallyport/status')) as GatewayStatus, untold: undefined };
  } catch (error) {
    if (error instanceof ControlProblem && !(error instanceof NoGatewayProblem))
      return { status: undefined, untold: error.message };
    throw error;
  }
}

/** Where a listener of the gateway listens; undefined where that is not told. */
export function boundOf(gateway: AskedGateway, flag: string): readonly ListenAddress[] | undefined {
  const texts = gateway.status?.addresses[flag];
  if (!Array.isArray(texts)) return undefined;
  return texts.map((text) => {
    const at = String(text).lastIndexOf(':');
    return {
      host: String(text)
        .slice(0, at)
        .replace(/^\[|\]$/g, ''),
      port: Number(String(text).slice(at + 1)),
    };
  });
}

/** An address that can be connected to, for one that is listened on: any address of this machine is loopback's, too. */
export function reachable({ host, port }: ListenAddress): ListenAddress {
  const isAny = host === '0.0.0.0' || host === '::';
  return { host: isAny ? (host === '::' ? '::1' : '127.0.0.1') : host, port };
}
