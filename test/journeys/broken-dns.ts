// A DNS provider that lets its customers put a CNAME at the apex of a zone, which no standard allows (RFC 1034 3.6.2): what
// explain has to recognise. Answers for one zone only.

import dnsPacket, { type Answer, type RecordType } from 'dns-packet';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Owner } from '../harness/gateway.ts';

export interface BrokenDns {
  readonly server: string;
  readonly apex: string;
}

const APEX = 'apex.test';
const TARGET = 'gateway.elsewhere.test';
/** `www` is a CNAME to the apex, as it may be; the apex is a CNAME, as it may not. */
const RECORDS: readonly Answer[] = [
  { name: APEX, type: 'CNAME', ttl: 60, data: TARGET },
  {
    name: APEX,
    type: 'SOA',
    data: { mname: 'ns.test', rname: 'host.test', serial: 7, refresh: 1, retry: 1, expire: 1, minimum: 1 },
  },
  { name: `www.${APEX}`, type: 'CNAME', ttl: 60, data: APEX },
  { name: TARGET, type: 'A', ttl: 60, data: '127.0.0.1' },
];

function answersTo(name: string, type: RecordType): Answer[] {
  const own = RECORDS.filter((record) => record.name === name && record.type === type);
  if (own.length > 0) return own;
  const alias = RECORDS.find((record) => record.name === name && record.type === 'CNAME');
  return alias && 'data' in alias ? [alias, ...answersTo(String(alias.data), type)] : [];
}

export async function startBrokenDns(owner: Owner): Promise<BrokenDns> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const { id = 0, questions = [] } = dnsPacket.decode(message);
    const [{ name, type }] = questions as [{ name: string; type: RecordType }];
    const answers = answersTo(name.toLowerCase(), type);
    socket.send(
      dnsPacket.encode({ type: 'response', id, flags: dnsPacket.RECURSION_AVAILABLE, questions, answers }),
      from.port,
      from.address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  owner.after(() => socket.close());
  return { server: `127.0.0.1:${socket.address().port}`, apex: APEX };
}
