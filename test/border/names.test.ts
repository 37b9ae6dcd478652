// A list of attempts: by every route one account tries to come by a certificate, a DNS answer, a custom domain or a wildcard for another's
// names. Each is told why not; and after each of them the name is what it was: no certificate issued, the DNS answer, the certificate of the
// handshake and the API behind it are its owner's (custom-domains 1.7, 1.10).

import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { connect } from 'node:tls';
import {
  DescribeCertificateCommand,
  ListCertificatesCommand,
  type RequestCertificateCommandInput,
} from '@aws-sdk/client-acm';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { createClients, type Clients } from '../../demo/chain.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { refusalOf } from '../harness/control-answers.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
  requestCertificate,
} from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, type RefusedHandshake } from '../harness/sockets.ts';
import { actorOf, askPage, secretOf, writeAccounts, type KeyRow } from './actors.ts';
import { tellSafety } from '../harness/safety-line.ts';

const ANNE: KeyRow = { account: '111122223333', keyId: 'AKIAOFONE' };
const BERT: KeyRow = { account: '444455556666', keyId: 'AKIAOFTWO' };
const NAME = 'api.victim.test';
const ADDRESS = '192.0.2.66';

const gateway = await startTestGateway({ after }, [
  '--accounts',
  writeAccounts({ after }, [ANNE, BERT]),
  '--own-names',
  'test',
]);
const as = ({ keyId }: KeyRow, region = REGION) => createClients(gateway.endpoint, region, keyId, secretOf(keyId));
const [anne, bert] = [as(ANNE), as(BERT)];
const authority = await foreignAuthority({ after });
const resolver = new Resolver({ tries: 1 });
resolver.setServers([gateway.dnsServer]);

const answering = (clients: Clients, word: string) =>
  makeApi(clients, { $default: { target: mock(word), isTwoWay: true } });
const [apiOfAnne, apiOfBert] = [await answering(anne, 'anne'), await answering(bert, 'bert')];
const zoneOfAnne = await makeHostedZone(anne, 'victim.test');

/** A name with all that belongs to it, by its owner; resolves to its Regional name. */
async function serve(clients: Clients, zoneId: string, name: string, api = apiOfAnne) {
  const certificateArn = await issueCertificate(clients, zoneId, name);
  const made = await createDomain(clients, name, certificateArn);
  await putRecord(clients, zoneId, aliasRecord(name, made));
  await mapDomain(clients, name, 'chat', api);
  return { ...made, certificateArn };
}
const victim = await serve(anne, zoneOfAnne, NAME);
const wildcard = await serve(anne, zoneOfAnne, '*.wild.victim.test');
const zoneOfBert = await makeHostedZone(bert, 'thief.test');

const serialOf = async (name: string) => {
  const socket = connect({ host: '127.0.0.1', port: gateway.tlsPort, servername: name, ca: gateway.ca });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
};
const before = { serial: await serialOf(NAME), wild: await serialOf('x.wild.victim.test') };
const seen = { attempts: 0, taken: 0 };
after(() => tellSafety('border names', { cases: seen.attempts, foreign: seen.taken }));

const resolved = async (name: string, type: 'A' | 'CNAME' = 'A') =>
  (await resolver.resolve(name, type).catch((error: { code: string }) => [error.code])) as string[];
const answerOf = async (name: string) => {
  const client = await openSocket(gateway, `wss://${name}:${gateway.tlsPort}/chat`);
  const text = await ask(client, '{}');
  client.socket.terminate();
  return text;
};

/** What the world sees of Anne's names. */
async function assertAnnes(): Promise<void> {
  const found = {
    addresses: await resolved(NAME),
    serials: [await serialOf(NAME), await serialOf('x.wild.victim.test')],
    answers: [await answerOf(NAME), await answerOf('x.wild.victim.test')],
    ofBert: await bert.acm.send(
      new ListCertificatesCommand({ CertificateStatuses: ['ISSUED'], Includes: { keyTypes: ['EC_prime256v1'] } }),
    ),
  };
  const issued = found.ofBert.CertificateSummaryList!.filter(
    ({ Type, DomainName }) => Type === 'AMAZON_ISSUED' && DomainName!.endsWith('victim.test'),
  );
  const isTaken =
    issued.length > 0 ||
    String(found.addresses) !== '127.0.0.1' ||
    String(found.serials) !== String([before.serial, before.wild]) ||
    String(found.answers) !== 'anne,anne';
  seen.taken += Number(isTaken);
  assert.ok(!isTaken, JSON.stringify([found, issued]));
}

function attempt(name: string, work: () => Promise<unknown>): void {
  test(name, async () => {
    seen.attempts += 1;
    await work();
    await assertAnnes();
  });
}

/** Asks for a certificate, makes the record that would prove it where Bert can, and waits until it was looked for: resolves to what is told. */
async function askForCertificate(name: string, zoneId?: string, options: Partial<RequestCertificateCommandInput> = {}) {
  const arn = await requestCertificate(bert, name, options);
  const look = async () => (await bert.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }))).Certificate!;
  if (zoneId !== undefined) {
    const { Name, Type, Value } = (await look()).DomainValidationOptions![0]!.ResourceRecord!;
    await putRecord(bert, zoneId, { Name, Type, TTL: 60, ResourceRecords: [{ Value }] });
    assert.ok(!(await resolved(Name!, 'CNAME')).includes(Value!.replace(/\.$/, '')), 'the record is answered');
  }
  const actor = actorOf(gateway, BERT, 'bert');
  const page = await eventually(`${name} was looked for`, async () => {
    const { body } = await askPage(actor, 'GET', `/_sallyport/certificates?arn=${arn}`);
    const [state] = (JSON.parse(body) as { certificates: { attempts?: number; cause?: string; next?: string }[] })
      .certificates;
    return (state!.attempts ?? 0) >= (zoneId === undefined ? 1 : 2) ? state : undefined;
  });
  assert.equal((await look()).Status, 'PENDING_VALIDATION');
  return `${page.cause} ${page.next}`;
}

const zonesOfBert = async (which: string) =>
  (await askPage(actorOf(gateway, BERT, 'bert'), 'GET', `/_sallyport/zones?zone=${which}`)).body;
const putAddress = (zoneId: string, Name: string) =>
  putRecord(bert, zoneId, { Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: ADDRESS }] });
const forge = async (name: string, clients = bert) => importCertificate(clients, await authority.leaf([name]));
const create = async (name: string, arn?: string, clients = bert) =>
  refusalOf(createDomain(clients, name, arn ?? (await forge(name.toLowerCase().replace(/\.$/, ''), clients))));

describe('with a hosted zone', () => {
  attempt('of the same name: it is not served, answers nothing and proves nothing', async () => {
    const zoneId = await makeHostedZone(bert, 'victim.test');
    await putAddress(zoneId, 'evil.victim.test');
    assert.deepEqual(await resolved('evil.victim.test'), ['ENOTFOUND']);
    assert.match(
      await zonesOfBert(zoneId),
      /"isServed":false.*victim\.test\. is served by a zone of another account already/,
    );
    assert.match(await askForCertificate(NAME, zoneId), /there is no such name/);
  });
  attempt('below it, at the very name', async () => {
    const zoneId = await makeHostedZone(bert, NAME);
    await putAddress(zoneId, NAME);
    assert.match(await zonesOfBert(zoneId), /another account, which has no NS record set at api\.victim\.test\./);
    await Promise.all([NAME, `deep.${NAME}`].map((one) => askForCertificate(one, zoneId)));
    assert.deepEqual(await resolved(`deep.${NAME}`), ['ENOTFOUND']);
  });
  attempt('above it: what lies in the zone below stays there', async () => {
    await makeHostedZone(anne, 'deep.above.test');
    const zoneId = await makeHostedZone(bert, 'above.test');
    const name = 'x.deep.above.test';
    for (const one of ['deep.above.test', name, '*.deep.above.test', '*.above.test']) await putAddress(zoneId, one);
    for (const one of ['deep.above.test', name]) assert.doesNotMatch(String(await resolved(one)), /192/);
    assert.deepEqual(await resolved('y.above.test'), [ADDRESS], 'which is Bert’s own');
    await askForCertificate(name, zoneId);
  });
  attempt('above it that was taken first: who comes later is told whom to ask', async () => {
    const late = await makeHostedZone(anne, 'late.above.test');
    const { body } = await askPage(actorOf(gateway, ANNE, 'anne'), 'GET', `/_sallyport/zones?zone=${late}`);
    assert.match(body, /another account, which has no NS record set at late\.above\.test\./);
  });
  attempt('of one’s own: a record for a name outside of it is refused', async () => {
    const arn = await requestCertificate(bert, NAME);
    const { Certificate } = await bert.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    const { Name, Value } = Certificate!.DomainValidationOptions![0]!.ResourceRecord!;
    const record = { Name, Type: 'CNAME' as const, TTL: 60, ResourceRecords: [{ Value }] };
    const { name, message } = await refusalOf(putRecord(bert, zoneOfBert, record));
    assert.equal(name, 'InvalidChangeBatch');
    assert.match(message, /is not permitted in zone thief\.test/);
  });
  attempt('of one’s own, by an alias to their Regional name: the host is nobody’s here', async () => {
    await putRecord(bert, zoneOfBert, aliasRecord('www.thief.test', victim));
    const refusal = openSocket(gateway, `wss://www.thief.test:${gateway.tlsPort}/chat`, { rejectUnauthorized: false });
    await assert.rejects(refusal, (error: RefusedHandshake) => error.status === 403 || error.status === 421);
  });
  attempt('of the server’s own names', async () => {
    const zoneId = await makeHostedZone(bert, victim.regionalName);
    await putAddress(zoneId, victim.regionalName);
    assert.match(await zonesOfBert(zoneId), /names at and below localhost\. are the server's own/);
    assert.deepEqual(await resolved(victim.regionalName), ['127.0.0.1']);
  });
});

describe('with a certificate', () => {
  attempt('that is asked for by DNS: the record of another account proves nothing', async () => {
    const told = await askForCertificate(NAME);
    assert.match(told, /_[0-9a-f]{32}\.api\.victim\.test/);
  });
  attempt('for the wildcard, and for a name beside one’s own', async () => {
    await askForCertificate('*.victim.test');
    await askForCertificate('www.thief.test', undefined, { SubjectAlternativeNames: [NAME] });
  });
  attempt('that is asked for by mail: the link is not shown to who asked', async () => {
    const arn = await requestCertificate(bert, NAME, { ValidationMethod: 'EMAIL' });
    const actor = actorOf(gateway, BERT, 'bert');
    const body = await eventually('the mail is written', async () => {
      const page = await askPage(actor, 'GET', '/_sallyport/mail');
      return page.body.includes(arn) ? page.body : undefined;
    });
    assert.doesNotMatch(body, /"link"|https?:/);
    const { Certificate } = await bert.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    assert.equal(Certificate!.Status, 'PENDING_VALIDATION');
  });
  attempt('of theirs, for a name of one’s own', async () => {
    const { name, message } = await create('www.thief.test', victim.certificateArn);
    assert.deepEqual([name, message.includes('certificate')], ['BadRequestException', true], message);
  });
});

describe('with a custom domain name', () => {
  const EXISTS = /^The domain name you provided already exists\.$/;
  const CONFLICT = /conflicts with a domain name of another account/;
  attempt('of the same name and an imported certificate', async () =>
    assert.match((await create(NAME)).message, EXISTS),
  );
  attempt('of the same name in another region', async () => {
    const { message } = await create(NAME, undefined, as(BERT, 'eu-west-1'));
    assert.match(message, EXISTS);
  });
  for (const spelled of [
    'API.Victim.test',
    `${NAME}.`,
    'api.victim.test:443',
    'xn--api.victim.test',
    'аpi.victim.test',
  ])
    attempt(`spelled ${spelled}`, async () => {
      // A letter that only looks alike is no name at all here.
      const arn = await forge(NAME);
      const { name, message } = await create(spelled, arn);
      assert.equal(name, 'BadRequestException');
      assert.match(message, /domain name|already exists|certificate/i);
    });
  attempt('that is a wildcard above it, with an imported certificate', async () =>
    assert.match((await create('*.victim.test')).message, CONFLICT),
  );
  attempt('that is a wildcard above it, with a certificate of one’s own zone', async () => {
    const zoneId = await makeHostedZone(bert, 'mixed.test');
    await createDomain(anne, 'a.mixed.test', await forge('a.mixed.test', anne));
    const arn = await issueCertificate(bert, zoneId, '*.mixed.test');
    assert.match((await create('*.mixed.test', arn)).message, CONFLICT);
    assert.equal(
      await serialOf('a.mixed.test').catch((error: Error) => error.message.length > 0),
      true,
      'a foreign chain',
    );
  });
  attempt('below their wildcard', async () => assert.match((await create('x.wild.victim.test')).message, CONFLICT));
  attempt('that is their wildcard', async () => assert.match((await create('*.wild.victim.test')).message, EXISTS));
  for (const host of [victim.regionalName, wildcard.regionalName, `${apiOfAnne.apiId}.execute-api.${REGION}.localhost`])
    attempt(`that is a host of the server: ${host.replace(/^[\w-]+/, '…')}`, async () => {
      const { name, message } = await create(host);
      assert.equal(name, 'BadRequestException', message);
    });
  attempt('that they deleted: no record of theirs leads to it', async () => {
    const made = await serve(anne, zoneOfAnne, 'gone.victim.test');
    assert.equal(await answerOf('gone.victim.test'), 'anne');
    await anne.gateway.send(new v2.DeleteDomainNameCommand({ DomainName: 'gone.victim.test' }));
    const taken = await createDomain(bert, 'gone.victim.test', await forge('gone.victim.test'));
    await mapDomain(bert, 'gone.victim.test', 'chat', apiOfBert);
    assert.notEqual(taken.regionalName, made.regionalName);
    assert.ok(!(await resolved('gone.victim.test')).includes('127.0.0.1'), 'their alias leads to it');
    await askForCertificate('gone.victim.test');
    await bert.gateway.send(new v2.DeleteDomainNameCommand({ DomainName: 'gone.victim.test' }));
  });
});

describe('with an API', () => {
  attempt('of theirs behind a name of one’s own', async () => {
    const name = 'api.thief.test';
    await createDomain(bert, name, await issueCertificate(bert, zoneOfBert, name));
    const { message } = await refusalOf(mapDomain(bert, name, 'chat', apiOfAnne));
    assert.equal(message, `Invalid API identifier specified: ${apiOfAnne.apiId}`);
  });
  attempt('of one’s own behind their name', async () => {
    const { name, message } = await refusalOf(mapDomain(bert, NAME, 'mine', apiOfBert));
    assert.deepEqual([name, message], ['NotFoundException', 'Invalid domain name identifier specified']);
  });
  attempt('of one’s own by its path under their name', async () => {
    const { apiId, stage } = apiOfBert;
    for (const path of [
      `/_aws/execute-api/${apiId}/${stage}`,
      `/${stage}`,
      `/chat/_aws/execute-api/${apiId}/${stage}`,
    ]) {
      const url = `wss://${NAME}:${gateway.tlsPort}${path}`;
      const told = openSocket(gateway, url).then((client) => ask(client, '{}'));
      await assert.rejects(told, (error: RefusedHandshake) => error.status === 403, `${path} is served`);
    }
  });
  attempt('of one’s own at its own host with their server name: the host decides', async () => {
    const { apiId, stage } = apiOfBert;
    const url = `wss://localhost:${gateway.tlsPort}/${stage}`;
    const host = `${apiId}.execute-api.${REGION}.localhost`;
    const options = { servername: NAME, headers: { host }, rejectUnauthorized: false };
    const client = await openSocket(gateway, url, options);
    assert.equal(await ask(client, '{}'), 'bert', 'whoever says this host gets what is its');
    client.socket.terminate();
  });
});
