// Ports of plain requests under more than they can answer: the control port with valid calls of a tenant, and the DNS server over UDP and
// TCP. Sockets still answer, and so does the control plane to others.

import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, test } from 'node:test';
import { ApiGatewayV2Client, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { eventually } from '../harness/eventually.ts';
import { REGION } from '../harness/gateway.ts';
import { startAttack } from './attack-process.ts';
import { ATTACKER, neighboursCredentials, startTarget } from './target.ts';

const CALLS = 2_000;
const PER_ACCOUNT = { perSecond: 100, burst: 200 };
const PER_ADDRESS = { perSecond: 200, burst: 500 };
const QUESTIONS = 50_000;
const DNS_CONNECTIONS = 1_000;
const GROWN_MIB_MAX = 192;

const limits = {
  controlRequestsPerAccountPerSecondMax: PER_ACCOUNT.perSecond,
  controlRequestsPerAccountBurstMax: PER_ACCOUNT.burst,
  controlRequestsPerAddressPerSecondMax: PER_ADDRESS.perSecond,
  controlRequestsPerAddressBurstMax: PER_ADDRESS.burst,
};
const target = await startTarget(
  { after },
  Object.entries(limits).flatMap(([name, value]) => ['--limit', `${name}=${value}`]),
);
const { gateway, controlPort } = target;
const dnsPort = Number(gateway.dnsServer.split(':').at(-1));

test(`valid calls of one account to the control plane, from forty addresses`, async (t) => {
  const neighbour = new ApiGatewayV2Client({
    endpoint: gateway.endpoint,
    region: REGION,
    credentials: neighboursCredentials,
    maxAttempts: 1,
    requestHandler: { httpAgent: new Agent({ localAddress: '127.0.9.200' }) },
  });
  const beganAtMs = Date.now();
  const counts = await target.endure(t, { grownMiBMax: GROWN_MIB_MAX, leftFilesMax: 100 }, async (isEnough) => {
    const attack = startAttack(t, 'control', 'calls', {
      port: controlPort,
      path: '/v2/apis',
      credentials: { accessKeyId: ATTACKER.key, secret: ATTACKER.secret },
      region: REGION,
      addresses: Array.from({ length: 40 }, (_, at) => `127.0.8.${at + 1}`),
      lanes: 40,
      until: CALLS,
    });
    await attack.standing;
    // Another account is answered meanwhile.
    for (let times = 0; times < 5; times += 1)
      assert.equal((await neighbour.send(new GetApisCommand({}))).Items?.length, 1);
    await eventually('the neighbour got on', () => isEnough() || undefined);
    return attack.stop();
  });
  const mayBe = PER_ACCOUNT.burst + PER_ACCOUNT.perSecond * Math.ceil((Date.now() - beganAtMs) / 1_000);
  assert.ok(
    counts['answered']! > 0 && counts['answered']! <= mayBe,
    `${counts['answered']} were answered, ${mayBe} may be`,
  );
  assert.ok(counts['throttled']! > 0);
  const lines = gateway.logged().filter(({ message }) => message === 'control requests refused');
  assert.ok(lines.length <= 41, 'one line for the account, and one for each address at most');
});

for (const [name, attack, until] of [
  [`${QUESTIONS} DNS questions over UDP, each for another name`, 'udp', QUESTIONS],
  [`${DNS_CONNECTIONS} DNS connections over TCP that ask without end and read nothing`, 'tcp', DNS_CONNECTIONS],
] as const) {
  test(name, async (t) => {
    await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
      const flood = startAttack(t, 'control', attack, { port: dnsPort, until, name: 'nobody.example' });
      await flood.standing;
      await eventually('the neighbour got on', () => isEnough() || undefined);
      await flood.stop();
    });
  });
}
