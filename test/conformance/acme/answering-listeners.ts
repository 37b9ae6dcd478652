// The least that answers an authority from the rows of a store: DNS, HTTP and TLS listeners of the test's own, so that the issuer
// is held against a foreign authority by itself.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import dnsPacket, { type Answer } from 'dns-packet';
import type { Challenge, ChallengeType } from '../../../src/model/certificate.ts';
import { open } from '../../../src/protocol/sealed-envelope.ts';
import { SEALING_KEY, delegatedLabel, type TestStore } from '../../harness/acme-issuer.ts';
import type { Owner } from '../../harness/gateway.ts';

export interface AnsweringListeners {
  readonly dnsServer: string;
  readonly httpPort: number;
  readonly tlsPort: number;
  /** `{type} {key}` of every question that was answered. */
  readonly answered: readonly string[];
}

export async function startAnsweringListeners(owner: Owner, on: TestStore): Promise<AnsweringListeners> {
  const answered: string[] = [];
  const find = async (type: ChallengeType, key: string): Promise<Challenge[]> => {
    const rows = await on.store.view.all('challenge');
    const found = rows.filter((row) => row.type === type && row.key === key);
    answered.push(...found.map(() => `${type} ${key}`));
    return found;
  };
  const [dnsPort, httpPort, tlsPort] = await Promise.all([
    startDns(owner, (label) => find('dns-01', label)),
    startHttp(owner, (key) => find('http-01', key)),
    startTls(owner, on, (host) => find('tls-alpn-01', host)),
  ]);
  return { dnsServer: `127.0.0.1:${dnsPort}`, httpPort, tlsPort, answered };
}

type Find = (key: string) => Promise<Challenge[]>;

/** Every name is on this machine, and delegates its challenge. */
async function startDns(owner: Owner, find: Find): Promise<number> {
  const socket = createSocket('udp4');
  owner.after(() => socket.close());
  socket.on('message', (message, from) => {
    void (async () => {
      const query = dnsPacket.decode(message);
      const { name, type } = query.questions![0]!;
      const answers = await answersTo(name, type, find);
      const flags = dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_AVAILABLE;
      const reply = { id: query.id ?? 0, type: 'response' as const, flags, questions: query.questions!, answers };
      socket.send(dnsPacket.encode(reply), from.port, from.address);
    })();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

async function answersTo(name: string, type: string, find: Find): Promise<Answer[]> {
  const [first, ...rest] = name.toLowerCase().split('.');
  if (type === 'A') return [{ type: 'A', name, ttl: 1, data: '127.0.0.1' }];
  if (type !== 'TXT' || first !== '_acme-challenge') return [];
  const rows = await find(delegatedLabel(rest.join('.')));
  return rows.map(({ value }) => ({ type: 'TXT', name, ttl: 1, data: value }));
}

async function startHttp(owner: Owner, find: Find): Promise<number> {
  const server = createHttpServer((request, response) => {
    void (async () => {
      const host = request.headers.host!.replace(/:\d+$/, '');
      const token = request.url!.replace('/.well-known/acme-challenge/', '');
      const [row] = await find(`${host}/${token}`);
      response.writeHead(row ? 200 : 404).end(row?.value ?? '');
    })();
  });
  owner.after(() => server.close());
  return listening(server);
}

async function startTls(owner: Owner, { certificateSource }: TestStore, find: Find): Promise<number> {
  const server = createTlsServer({
    ALPNProtocols: ['acme-tls/1'],
    SNICallback(name, done) {
      void (async () => {
        const [row] = await find(name);
        if (!row) return done(new Error(`no challenge for ${name}`));
        const reference = row.keyPairReferences!.ec;
        const { chainPem, sealedKey } = certificateSource.read(reference)!;
        done(null, createSecureContext({ cert: chainPem, key: open(SEALING_KEY, sealedKey, reference) }));
      })();
    },
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => socket.on('error', () => {}).end());
  owner.after(() => server.close());
  return listening(server);
}

async function listening(
  server: { listen(port: number, host: string): unknown; address(): unknown } & NodeJS.EventEmitter,
) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
