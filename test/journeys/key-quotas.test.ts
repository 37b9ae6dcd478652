// How many API keys and usage plans an account may have in a region: what is over it is refused, one by one and in a file, and there is room
// again once one is deleted.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as rest from '@aws-sdk/client-api-gateway';
import { makeKey, makePlan, restClient } from '../harness/api-keys.ts';
import { refusalOf } from '../harness/control-answers.ts';
import { startTestGateway } from '../harness/gateway.ts';

const LIMITS = ['apiKeysPerRegionMax=3', 'usagePlansPerRegionMax=1'].flatMap((limit) => ['--limit', limit]);
const gateway = await startTestGateway({ after }, LIMITS);
const client = restClient(gateway);

/** As API Gateway words it of the parts of an API, with the bound of this server behind it. */
const full = (what: string, max: number, name: string) => ({
  name: 'LimitExceededException',
  status: 429,
  message:
    `Maximum number of ${what} for this account has been reached.  Please contact AWS if you need additional ${what}. ` +
    `(This server allows ${max} in a region: ${name}.)`,
});

void test('a plan over the bound is refused, and another region has its own', async () => {
  const usagePlanId = await makePlan(client, [], []);
  const more = client.send(new rest.CreateUsagePlanCommand({ name: 'more' }));
  assert.deepEqual(await refusalOf(more), full('UsagePlans', 1, 'usagePlansPerRegionMax'));
  await makePlan(restClient(gateway, 'eu-west-1'), [], []);
  await client.send(new rest.DeleteUsagePlanCommand({ usagePlanId }));
  await makePlan(client, [], []);
});

void test('a key over the bound is refused; of a file those that there is room for are taken', async () => {
  const { id } = await makeKey(client);
  const file = (...names: string[]) =>
    Buffer.from(['name,key', ...names.map((name) => `${name},value-of-${name}-00000000000000`)].join('\n'));
  const importKeys = (body: Buffer, failOnWarnings = false) =>
    client.send(new rest.ImportApiKeysCommand({ format: 'csv', failOnWarnings, body }));
  const refused = full('ApiKeys', 3, 'apiKeysPerRegionMax');
  const count = async () => (await client.send(new rest.GetApiKeysCommand({}))).items?.length;
  assert.equal((await refusalOf(importKeys(file('a', 'b', 'c'), true))).name, 'BadRequestException');
  assert.equal(await count(), 1);
  const { ids, warnings } = await importKeys(file('a', 'b', 'c'));
  assert.deepEqual([ids?.length, warnings], [2, [`Row 4: ${refused.message}`]]);
  assert.equal(await count(), 3);
  assert.deepEqual(await refusalOf(client.send(new rest.CreateApiKeyCommand({ name: 'more' }))), refused);
  assert.deepEqual(await refusalOf(importKeys(file('d'))), refused);
  await makeKey(restClient(gateway, 'eu-west-1'));
  await client.send(new rest.DeleteApiKeyCommand({ apiKey: id }));
  await makeKey(client);
});
