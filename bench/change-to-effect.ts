// How long a change takes from the moment it is sent until a full handshake that begins after its answer sees it: an API mapping
// that leads to another stage, a domain name that shows another certificate. Two gateways take turns, one of few names and one of
// many, each with open sockets that no change may close.

import { UpdateApiMappingCommand, UpdateDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import { createClients, type Clients } from '../demo/chain.ts';
import type { ReadyGateway } from './built-package.ts';
import { certificateArnAt, domainNameAt, mappingIdAt, serialAt } from './domain-names.ts';
import { askForWebSocket, openTls } from './load/open.ts';
import { startProgram } from './processes.ts';
import { withStarted } from './sides.ts';
import { REGION, STAGE, type Target } from './subject.ts';

/** A stage without a deployment: what leads to it is answered 403. */
export const EMPTY_STAGE = 'empty';
const LATE_MS = 10_000;

export interface ChangedGateway {
  readonly gateway: ReadyGateway;
  readonly target: Omit<Target, 'name'>;
  readonly apiId: string;
  readonly names: number;
  /** The places of the names that have a second certificate. */
  readonly renewed: readonly number[];
}

/** Milliseconds of each change, and how many sockets were open before and are at the end. */
export interface Effects {
  readonly mappingMs: readonly number[];
  readonly certificateMs: readonly number[];
  readonly opened: number;
  readonly open: number;
}

export interface Changed {
  readonly few: Effects;
  readonly many: Effects;
}

/** As many changes of each kind as there are second certificates, which is the same for both gateways. */
export function measureChanges(few: ChangedGateway, many: ChangedGateway): Promise<Changed> {
  return withStarted(async (started) => {
    const begin = async (subject: ChangedGateway) => {
      const { target, renewed: places } = subject;
      const idle = started(await startProgram<true, true, number>('./load/named-idle.ts', { target, places }));
      const changes = await createChanges(subject);
      return { idle, changes, opened: places.length, mappingMs: [] as number[], certificateMs: [] as number[] };
    };
    const ofFew = await begin(few);
    const ofMany = await begin(many);
    for (let number = 0; number < many.renewed.length; number += 1) {
      for (const { changes, mappingMs, certificateMs } of [ofFew, ofMany]) {
        mappingMs.push(await changes.changeMapping(number));
        certificateMs.push(await changes.changeCertificate(number));
      }
    }
    return {
      few: { ...ofFew, open: await ofFew.idle.ask(true) },
      many: { ...ofMany, open: await ofMany.idle.ask(true) },
    };
  });
}

/** The two kinds of changes, after one of each that does not count: it opens connections and warms code. */
async function createChanges({ gateway, target, apiId, names, renewed }: ChangedGateway) {
  const clients = createClients(gateway.endpoint, REGION);
  let at = 0;
  const changeMapping = (number: number) => {
    // Away and back again, so that both ways count.
    const isAway = number % 2 === 0;
    if (isAway) at = Math.floor(Math.random() * names);
    const [stage, answer] = isAway ? [EMPTY_STAGE, 'HTTP/1.1 403 '] : [STAGE, 'HTTP/1.1 101 '];
    return timeMapping(clients, { ...target, name: domainNameAt(at) }, { at, apiId, stage, answer });
  };
  const changeCertificate = (number: number) => timeCertificate(clients, target, renewed[number]!);
  await changeMapping(0);
  await changeMapping(1);
  await clients.gateway.send(new UpdateDomainNameCommand({ DomainName: domainNameAt(0) }));
  return { changeMapping, changeCertificate };
}

interface MappingChange {
  readonly at: number;
  readonly apiId: string;
  readonly stage: string;
  /** How the answer to a handshake begins when it leads there. */
  readonly answer: string;
}

function timeMapping({ gateway }: Clients, target: Target, { at, apiId, stage, answer }: MappingChange) {
  const command = new UpdateApiMappingCommand({
    DomainName: target.name,
    ApiMappingId: mappingIdAt(at),
    ApiId: apiId,
    Stage: stage,
  });
  return timeUntil(
    () => gateway.send(command),
    async () => {
      const asked = await askForWebSocket(target);
      asked.socket.destroy();
      return asked.answer.startsWith(answer);
    },
  );
}

function timeCertificate({ gateway }: Clients, target: Omit<Target, 'name'>, at: number): Promise<number> {
  const name = domainNameAt(at);
  const command = new UpdateDomainNameCommand({
    DomainName: name,
    DomainNameConfigurations: [{ CertificateArn: certificateArnAt(at, 'second') }],
  });
  const serial = serialAt(at, 'second').toString('hex').toUpperCase();
  return timeUntil(
    () => gateway.send(command),
    async () => {
      const socket = await openTls({ ...target, name });
      const shown = socket.getPeerCertificate().serialNumber;
      socket.destroy();
      return shown === serial;
    },
  );
}

/** From the sending of a change to the end of the first handshake that sees it. */
async function timeUntil(change: () => Promise<unknown>, isSeen: () => Promise<boolean>): Promise<number> {
  const sentAt = performance.now();
  await change();
  while (!(await isSeen())) {
    if (performance.now() - sentAt > LATE_MS) throw new Error(`a change was not seen within ${LATE_MS} ms`);
  }
  return performance.now() - sentAt;
}
