// Whom calls to services of AWS are signed for when accounts are configured: the credentials that are bound to the role that the
// integration names, else to its account; where there are none, or wrong ones, the call fails and nothing of them is told.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { createClients } from '../../demo/chain.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { startServiceServer } from '../harness/service-server.ts';
import { ask, makeApi, openSocket, type Target } from '../harness/sockets.ts';

const BOUND = '111122223333';
const UNBOUND = '222233334444';
const WRONG = '333344445555';
const OF_ACCOUNT = { accessKeyId: 'AKIAOFACCOUNT', secretAccessKey: 'secret-of-the-account' };
const OF_ROLE = { accessKeyId: 'ASIAOFROLE', secretAccessKey: 'secret-of-the-role', sessionToken: 'token/of+the=role' };
const FAILURE = /^\{"message": "Internal server error", /;

const keyOf = (account: string) => ({ id: `AKIA${account}`, secret: `a-key-of-${account}` });
const bind = ({ accessKeyId, secretAccessKey: secret, ...more }: typeof OF_ACCOUNT) => ({
  accessKeyId,
  secret,
  ...more,
});
const accounts = join(temporaryDirectory({ after }), 'accounts.yaml');
const content = {
  accounts: [
    { id: BOUND, keys: [keyOf(BOUND)], backendCredentials: [bind(OF_ACCOUNT), { role: 'queues', ...bind(OF_ROLE) }] },
    { id: UNBOUND, keys: [keyOf(UNBOUND)] },
    {
      id: WRONG,
      keys: [keyOf(WRONG)],
      backendCredentials: { ...bind(OF_ACCOUNT), secret: 'another-secret-of-the-account' },
    },
  ],
};
writeFileSync(accounts, JSON.stringify(content), { mode: 0o600 });

const aws = await startServiceServer({ after }, [OF_ACCOUNT, OF_ROLE]);
const gateway = await startTestGateway({ after }, ['--accounts', accounts, ...aws.flags('states')]);
aws.actions.set('states:StartExecution', () => ({ answers: { started: true } }));

async function serve(account: string, role = 'any') {
  const target: Target = {
    IntegrationType: 'AWS',
    IntegrationMethod: 'POST',
    IntegrationUri: `arn:aws:apigateway:${REGION}:states:action/StartExecution`,
    CredentialsArn: `arn:aws:iam::${account}:role/${role}`,
    responses: { '/403/': "$input.path('$.message')", $default: "$input.json('$')" },
  };
  const { id, secret } = keyOf(account);
  const clients = createClients(gateway.endpoint, REGION, id, secret);
  const { apiId, stage } = await makeApi(clients, { $default: { target, isTwoWay: true } });
  const { Items } = await clients.gateway.send(new v2.GetIntegrationsCommand({ ApiId: apiId }));
  const [{ CredentialsArn, IntegrationResponseSelectionExpression }] = Items as [v2.Integration];
  assert.equal(CredentialsArn, target.CredentialsArn);
  assert.equal(IntegrationResponseSelectionExpression, '${integration.response.statuscode}');
  return openSocket(gateway, `wss://${apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/${stage}`);
}

const keyIdOfLast = () => /Credential=([^/]+)/.exec(aws.calls.at(-1)!.headers.authorization!)![1];

void test('an address that is not public is called, for the operator named it, with the credentials of the account', async () => {
  const client = await serve(BOUND);
  assert.equal(await ask(client, '{}'), '{"started":true}');
  assert.equal(keyIdOfLast(), OF_ACCOUNT.accessKeyId);
});

void test('the credentials of the role sign, and the token of its session with them', async () => {
  const client = await serve(BOUND, 'queues');
  assert.equal(await ask(client, '{}'), '{"started":true}');
  assert.equal(keyIdOfLast(), OF_ROLE.accessKeyId);
  assert.equal(aws.calls.at(-1)!.headers['x-amz-security-token'], OF_ROLE.sessionToken);
});

void test('an account that nothing is bound to calls nobody, and the log says why', async () => {
  const before = aws.calls.length;
  const client = await serve(UNBOUND);
  assert.match(await ask(client, '{}'), FAILURE);
  assert.equal(aws.calls.length, before);
  const reason = await eventually('the refusal is logged', () =>
    gateway.logged().find((line) => String(line['reason']).includes('backendCredentials')),
  );
  assert.match(
    String(reason['reason']),
    new RegExp(`Invalid permissions to call states: no backendCredentials .* ${UNBOUND}$`),
  );
});

void test('what a service says of wrong credentials is an answer of 403, and the log tells the operator once', async () => {
  const client = await serve(WRONG);
  for (const text of ['{}', '{"again": 1}'])
    assert.equal(await ask(client, text), 'The request signature we calculated does not match.');
  const warnings = () => gateway.logged().filter(({ service, account }) => service === 'states' && account === WRONG);
  await eventually('the warning is logged', () => warnings()[0]);
  assert.equal(warnings().length, 1);
});
