// How often the control plane may be asked: by one address, whoever signs, before anything of a request is read; and by one account,
// from wherever, once its signature is known to be its own. What is over a bound is refused in the words that the SDKs of each service
// know as a throttle, and try again.

import type { Socket } from 'node:net';
import type { Clock } from '../../ambient/clock.ts';
import { Sources } from '../../ambient/sources.ts';
import { Fault, type ControlFaultCode } from '../../model/faults.ts';
import type { Log } from '../../observe/log.ts';
import { peerAddress } from '../../protocol/ip-address.ts';
import { sourceNetwork } from '../../protocol/source-network.ts';
import type { ServiceName } from '../../protocol/wire/model.ts';
import { limit, type LimitName } from '../../settings/limits.ts';

export interface RequestRates {
  /** Counts a connection until it closes; false when its address has as many as it may, and it is closed. */
  connected(socket: Socket): boolean;
  /** A request has come. Throws the fault that refuses it. */
  fromAddress(socket: Socket, service: ServiceName | undefined): void;
  /** A request has been found to be an account's. Throws the fault that refuses it. */
  ofAccount(account: string, service: ServiceName): void;
}

/** As each service spells it. */
const CODES: Readonly<Record<ServiceName, ControlFaultCode>> = {
  apigatewayv2: 'TooManyRequestsException',
  apigateway: 'TooManyRequestsException',
  apigatewaymanagementapi: 'TooManyRequestsException',
  acm: 'ThrottlingException',
  route53: 'ThrottlingException',
  sts: 'ThrottlingException',
  lambda: 'TooManyRequestsException',
};

/** The step that a throttled request is refused at: its log is written here, once in a while, and not by each request. */
export const RATE_STEP = 'rate';

export function createRequestRates(clock: Clock, log: Log): RequestRates {
  const bounds = { countedMax: limit('addressesCountedMax'), reportIntervalMs: limit('addressReportIntervalMs') };
  const addresses = new Sources(
    { ...bounds, openMax: limit('controlConnectionsPerAddressMax'), rate: rateOf('Address') },
    clock,
  );
  const accounts = new Sources({ ...bounds, openMax: 1, rate: rateOf('Account') }, clock);
  const tell = (sources: Sources, name: string, reason: string, where: Record<string, string>) => {
    const refused = sources.refuse(name);
    if (refused !== undefined) log.warn('control requests refused', { step: RATE_STEP, reason, ...where, refused });
  };
  const check = (sources: Sources, name: string, who: 'Address' | 'Account', service: ServiceName | undefined) => {
    if (sources.take(name)) return;
    const { perSecond, burst } = rateOf(who);
    const whose = who === 'Address' ? 'one address' : `account ${name}`;
    const text = `Rate exceeded: ${whose} may send ${perSecond} requests a second, ${burst} at once. Try again later.`;
    tell(sources, name, text, who === 'Address' ? { sourceIp: name } : { account: name });
    throw new Fault(service === undefined ? 'TooManyRequestsException' : CODES[service], text, { step: RATE_STEP });
  };
  return {
    connected(socket) {
      const source = sourceNetwork(peerAddress(socket));
      if (addresses.enter(source)) {
        socket.once('close', () => addresses.leave(source));
        return true;
      }
      const bound: LimitName = 'controlConnectionsPerAddressMax';
      tell(addresses, source, `more than ${bound} (${limit(bound)})`, { sourceIp: source });
      socket.destroy();
      return false;
    },
    fromAddress: (socket, service) => check(addresses, sourceNetwork(peerAddress(socket)), 'Address', service),
    ofAccount: (account, service) => check(accounts, account, 'Account', service),
  };
}

function rateOf(who: 'Address' | 'Account') {
  return {
    perSecond: limit(`controlRequestsPer${who}PerSecondMax`),
    burst: limit(`controlRequestsPer${who}BurstMax`),
  };
}
