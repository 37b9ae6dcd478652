// The operations of API keys and usage plans, through the unmodified SDK and the AWS CLI: what is made is read, listed, changed and deleted;
// what cannot be is refused in AWS's words; and what lies on disk tells no value.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import * as rest from '@aws-sdk/client-api-gateway';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { knock, makeKey, makeKeyedApi, makePlan, restClient } from '../harness/api-keys.ts';
import { badRequest, conflict, notFound, refusalOf, withoutMetadata } from '../harness/control-answers.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { mustNotBeLogged } from '../harness/log-secrets.ts';
import { missing, runPeer } from '../harness/peers.ts';
import { makeApi } from '../harness/sockets.ts';

const gateway = await startTestGateway({ after });
const client = restClient(gateway);
const api = await makeApi(gateway.clients, { $default: {} });
const stageName = `${api.apiId}:${api.stage}`;
const VALUE = 'one-value-of-a-customer';
mustNotBeLogged(VALUE);

const patchKey = (apiKey: string, ...patchOperations: rest.PatchOperation[]) =>
  client.send(new rest.UpdateApiKeyCommand({ apiKey, patchOperations }));
const patchPlan = (usagePlanId: string, ...patchOperations: rest.PatchOperation[]) =>
  client.send(new rest.UpdateUsagePlanCommand({ usagePlanId, patchOperations }));
const replace = (path: string, value: string): rest.PatchOperation => ({ op: 'replace', path, value });
const remove = (path: string, value?: string): rest.PatchOperation => ({ op: 'remove', path, value });

describe('a key', async () => {
  test('is read as it was made, its value only where that is asked for', async () => {
    const input = { name: 'a name', description: 'a text', customerId: 'c-1', enabled: true, tags: { team: 'chat' } };
    const made = withoutMetadata(await client.send(new rest.CreateApiKeyCommand({ ...input, value: `${VALUE}-1` })));
    const { id: apiKey, createdDate } = made;
    assert.match(apiKey!, /^[a-z0-9]{10}$/);
    const { value, ...shown } = made;
    assert.equal(value, `${VALUE}-1`);
    assert.deepEqual(shown, { id: apiKey, ...input, createdDate, lastUpdatedDate: createdDate, stageKeys: [] });
    const read = (includeValue?: boolean) => client.send(new rest.GetApiKeyCommand({ apiKey, includeValue }));
    assert.deepEqual(withoutMetadata(await read()), shown);
    assert.deepEqual(withoutMetadata(await read(true)), made);
    const changed = await patchKey(apiKey!, replace('/name', 'another'), replace('/enabled', 'false'));
    assert.deepEqual([changed.name, changed.enabled, changed.value], ['another', false, undefined]);
    await client.send(new rest.DeleteApiKeyCommand({ apiKey }));
    assert.deepEqual(await refusalOf(read()), notFound('Invalid API Key identifier specified'));
  });

  test('without a value gets one that nobody guesses', async () => {
    const { value } = await makeKey(client);
    assert.match(value, /^[A-Za-z0-9]{40}$/);
  });

  test('is listed by the beginning of its name and by its customer, page by page', async () => {
    const west = restClient(gateway, 'eu-west-1');
    const made: string[] = [];
    for (const [name, customerId] of [
      ['ab', 'x'],
      ['ac', 'y'],
      ['b', 'x'],
      ['abc', 'y'],
      ['ab', 'z'],
    ] as const)
      made.push((await makeKey(west, { name, customerId })).id);
    const list = async (input: rest.GetApiKeysCommandInput) => {
      const names: string[] = [];
      for (let position: string | undefined; ;) {
        const page = await west.send(new rest.GetApiKeysCommand({ ...input, position }));
        assert.ok(page.items!.length <= (input.limit ?? 25));
        names.push(...page.items!.map(({ name }) => name!));
        position = page.position;
        if (position === undefined) return names.sort();
      }
    };
    assert.deepEqual(await list({ limit: 2 }), ['ab', 'ab', 'abc', 'ac', 'b']);
    assert.deepEqual(await list({ limit: 1, nameQuery: 'ab' }), ['ab', 'ab', 'abc']);
    assert.deepEqual(await list({ customerId: 'x' }), ['ab', 'b']);
    const { items = [] } = await west.send(new rest.GetApiKeysCommand({ includeValues: true, limit: 500 }));
    assert.ok(items.every(({ value }) => value!.length === 40));
    const told = await west.send(new rest.GetApiKeysCommand({}));
    assert.ok(told.items!.every(({ value }) => value === undefined));
    assert.equal(items.length, made.length);
  });

  test('of a value that there is, is refused, and in another region it is another one', async () => {
    const input = { name: 'twice', value: `${VALUE}-2` };
    await client.send(new rest.CreateApiKeyCommand(input));
    assert.deepEqual(
      await refusalOf(client.send(new rest.CreateApiKeyCommand(input))),
      conflict('API Key already exists'),
    );
    await restClient(gateway, 'eu-west-1').send(new rest.CreateApiKeyCommand(input));
  });

  const { id } = await makeKey(client);
  const WRONG: readonly (readonly [
    name: string,
    call: () => Promise<unknown>,
    status: number,
    message: string | RegExp,
  ])[] = [
    ['a short value', () => makeKey(client, { value: 'short' }), 400, 'API Key value should be at least 20 characters'],
    [
      'a long value',
      () => makeKey(client, { value: 'x'.repeat(129) }),
      400,
      'API Key value should be at most 128 characters',
    ],
    ['a value with a blank', () => makeKey(client, { value: 'twenty characters and a blank' }), 400, /without blanks$/],
    ['a long name', () => makeKey(client, { name: 'x'.repeat(1_025) }), 400, /'name' failed/],
    ['a key of a stage', () => makeKey(client, { stageKeys: [{ restApiId: 'a' }] }), 501, /^stageKeys of an ApiKey/],
    ['its value as its id', () => makeKey(client, { generateDistinctId: false }), 501, /^generateDistinctId false/],
    [
      'another value',
      () => patchKey(id, replace('/value', VALUE)),
      400,
      /^Invalid patch path '\/value' specified for op 'replace'/,
    ],
    ['no path', () => patchKey(id, { op: 'replace', value: 'x' }), 400, /must begin with \//],
    [
      'an operation that AWS has not',
      () => patchKey(id, { op: 'move', path: '/name' }),
      400,
      /^Invalid patch operation/,
    ],
    ['a name that is removed', () => patchKey(id, remove('/name')), 400, /for op 'remove'/],
    ['neither true nor false', () => patchKey(id, replace('/enabled', 'yes')), 400, /must be true or false/],
    ['a key that there is not', () => patchKey('absent'), 404, 'Invalid API Key identifier specified'],
    ['a page of nothing', () => client.send(new rest.GetApiKeysCommand({ limit: 0 })), 400, /'limit' failed/],
    [
      'a position that is none',
      () => client.send(new rest.GetApiKeysCommand({ position: 'x' })),
      400,
      /not valid for this list/,
    ],
    ['a tag of AWS', () => makeKey(client, { tags: { 'aws:x': 'y' } }), 400, /reserved/],
  ];
  for (const [name, call, status, message] of WRONG) {
    test(`is refused with ${name}`, async () => {
      const refused = await refusalOf(call());
      assert.equal(refused.status, status);
      if (typeof message === 'string') assert.equal(refused.message, message);
      else assert.match(refused.message, message);
    });
  }
});

describe('a plan', async () => {
  test('is read as it was made, changed path by path, and deleted once no stage is in it', async () => {
    const input = {
      name: 'basic',
      description: 'a text',
      apiStages: [{ apiId: api.apiId, stage: api.stage, throttle: { $connect: { rateLimit: 1.5, burstLimit: 3 } } }],
      throttle: { rateLimit: 5, burstLimit: 10 },
      quota: { limit: 100, offset: 3, period: 'WEEK' as const },
      tags: { team: 'chat' },
    };
    const made = withoutMetadata(await client.send(new rest.CreateUsagePlanCommand(input)));
    const usagePlanId = made.id!;
    assert.match(usagePlanId, /^[a-z0-9]{6}$/);
    assert.deepEqual(made, { id: usagePlanId, ...input });
    const read = async () => withoutMetadata(await client.send(new rest.GetUsagePlanCommand({ usagePlanId })));
    assert.deepEqual(await read(), made);
    const throttle = `/apiStages/${stageName}/throttle`;
    await patchPlan(
      usagePlanId,
      replace('/name', 'other'),
      replace('/productCode', 'p'),
      replace('/throttle/rateLimit', '7.5'),
      replace('/quota/period', 'MONTH'),
      replace('/quota/offset', '27'),
      replace(`${throttle}/$connect/burstLimit`, '4'),
    );
    assert.deepEqual(await read(), {
      ...made,
      name: 'other',
      productCode: 'p',
      apiStages: [{ ...input.apiStages[0], throttle: { $connect: { rateLimit: 1.5, burstLimit: 4 } } }],
      throttle: { rateLimit: 7.5, burstLimit: 10 },
      quota: { limit: 100, offset: 27, period: 'MONTH' },
    });
    await patchPlan(usagePlanId, remove('/throttle'), remove('/quota'), remove(throttle), replace('/description', ''));
    const bare = { id: usagePlanId, name: 'other', productCode: 'p', tags: input.tags };
    assert.deepEqual(await read(), { ...bare, apiStages: [{ apiId: api.apiId, stage: api.stage, throttle: {} }] });
    const deleted = () => client.send(new rest.DeleteUsagePlanCommand({ usagePlanId }));
    const refused = badRequest(
      `Cannot delete Usage Plan ${usagePlanId} because there are API Stages in it. Remove them first: ${stageName}`,
    );
    assert.deepEqual(await refusalOf(deleted()), refused);
    await patchPlan(usagePlanId, remove('/apiStages', stageName));
    assert.deepEqual(await read(), { ...bare, apiStages: [] });
    await deleted();
    assert.deepEqual(await refusalOf(read()), notFound('Invalid Usage Plan ID specified'));
  });

  const usagePlanId = await makePlan(client, [api], [], { throttle: { rateLimit: 1, burstLimit: 1 } });
  const make = (more: Partial<rest.CreateUsagePlanCommandInput>) => makePlan(client, [], [], more);
  const quota = (limit: number, period?: rest.QuotaPeriodType, offset?: number) =>
    make({ quota: { limit, period, offset } });
  const WRONG: readonly (readonly [
    name: string,
    call: () => Promise<unknown>,
    status: number,
    message: string | RegExp,
  ])[] = [
    ['no name', () => make({ name: '' }), 400, /'name' failed/],
    [
      'a stage that there is not',
      () => make({ apiStages: [{ apiId: api.apiId, stage: 'no' }] }),
      404,
      `API Stage not found: ${api.apiId}:no`,
    ],
    [
      'an API that there is not',
      () => make({ apiStages: [{ apiId: 'no', stage: 'test' }] }),
      404,
      'API Stage not found: no:test',
    ],
    ['half a stage', () => make({ apiStages: [{ apiId: api.apiId }] }), 400, /^Invalid API Stage \{api: /],
    ['a stage twice', () => makePlan(client, [api, api], []), 409, /is in the usage plan already$/],
    ['a quota of nothing', () => quota(0, 'DAY'), 400, /limit must be a whole number from 1/],
    ['a quota without a period', () => quota(1), 400, /period must be one of/],
    ['an offset in a day', () => quota(1, 'DAY', 1), 400, 'Usage Plan quota offset must be zero in the DAY period'],
    ['an offset of a week', () => quota(1, 'WEEK', 7), 400, /between 0 and 6 inclusive in the WEEK period/],
    ['a month and more', () => quota(1, 'MONTH', 28), 400, /between 0 and 27 inclusive in the MONTH period/],
    ['a negative rate', () => make({ throttle: { rateLimit: -1 } }), 400, /rate limit must be/],
    ['half a burst', () => make({ throttle: { burstLimit: 1.5 } }), 400, /burst limit must be/],
    [
      'the rate of a method',
      () => make({ apiStages: [{ ...api, throttle: { '/pets/GET': { rateLimit: 1 } } }] }),
      400,
      /^Invalid throttle of '\/pets\/GET'/,
    ],
    [
      'a path that there is not',
      () => patchPlan(usagePlanId, replace('/colour', 'red')),
      400,
      /^Invalid patch path '\/colour'/,
    ],
    [
      'a path too deep',
      () => patchPlan(usagePlanId, replace('/throttle/rateLimit/x', '1')),
      400,
      /^Invalid patch path/,
    ],
    [
      'a rate that is none',
      () => patchPlan(usagePlanId, replace('/throttle/rateLimit', '-1')),
      400,
      /must be a number/,
    ],
    ['half a quota', () => patchPlan(usagePlanId, replace('/quota/limit', '1')), 400, /period must be one of/],
    [
      'a stage that is there',
      () => patchPlan(usagePlanId, { op: 'add', path: '/apiStages', value: stageName }),
      409,
      /already$/,
    ],
    [
      'a stage that is not there',
      () => patchPlan(usagePlanId, remove('/apiStages', `${api.apiId}:no`)),
      404,
      /^API Stage not found/,
    ],
    [
      'the rate of a stage that is not there',
      () => patchPlan(usagePlanId, remove('/apiStages/a:b/throttle')),
      404,
      /^API Stage not found/,
    ],
    [
      'what is no stage',
      () => patchPlan(usagePlanId, { op: 'add', path: '/apiStages', value: 'x' }),
      400,
      /Expected \{apiId\}:\{stage\}/,
    ],
    ['an empty name', () => patchPlan(usagePlanId, replace('/name', '')), 400, /cannot be empty/],
  ];
  for (const [name, call, status, message] of WRONG) {
    test(`is refused with ${name}`, async () => {
      const refused = await refusalOf(call());
      assert.equal(refused.status, status, refused.message);
      if (typeof message === 'string') assert.equal(refused.message, message);
      else assert.match(refused.message, message);
    });
  }
});

describe('a key in a plan', () => {
  const add = (usagePlanId: string, keyId: string, keyType = 'API_KEY') =>
    client.send(new rest.CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType }));

  test('is told with its value, listed from both sides, and taken out', async () => {
    const [one, two] = [await makeKey(client, { name: 'one' }), await makeKey(client, { name: 'two' })];
    const usagePlanId = await makePlan(client, [], [one]);
    const made = withoutMetadata(await add(usagePlanId, two.id));
    assert.deepEqual(made, { id: two.id, type: 'API_KEY', value: two.value, name: 'two' });
    const get = (keyId: string) => client.send(new rest.GetUsagePlanKeyCommand({ usagePlanId, keyId }));
    assert.deepEqual(withoutMetadata(await get(two.id)), made);
    const list = async (nameQuery?: string) =>
      (await client.send(new rest.GetUsagePlanKeysCommand({ usagePlanId, nameQuery }))).items!;
    assert.deepEqual((await list()).map(({ id }) => id).sort(), [one.id, two.id].sort());
    assert.deepEqual(await list('tw'), [made]);
    const plans = await client.send(new rest.GetUsagePlansCommand({ keyId: two.id }));
    assert.deepEqual(
      plans.items!.map(({ id }) => id),
      [usagePlanId],
    );
    await client.send(new rest.DeleteUsagePlanKeyCommand({ usagePlanId, keyId: two.id }));
    assert.deepEqual(await refusalOf(get(two.id)), notFound('Invalid API Key identifier specified'));
    await client.send(new rest.DeleteApiKeyCommand({ apiKey: one.id }));
    assert.deepEqual(await list(), []);
  });

  test('can be in one plan of a stage only, from whichever side it comes there', async () => {
    const key = await makeKey(client);
    const first = await makePlan(client, [api], [key]);
    const other = await makePlan(client, [api], []);
    const empty = await makePlan(client, [], [key]);
    const both = conflict(
      `API Key ${key.id} is in usage plan ${first} for the API Stage ${stageName} already, and can be in one only`,
    );
    assert.deepEqual(await refusalOf(add(other, key.id)), both);
    assert.deepEqual(await refusalOf(patchPlan(empty, { op: 'add', path: '/apiStages', value: stageName })), both);
    assert.deepEqual(
      await refusalOf(add(first, key.id)),
      conflict(`API Key ${key.id} is in usage plan ${first} already`),
    );
    assert.equal((await refusalOf(add(first, key.id, 'OTHER'))).status, 400);
    assert.equal((await refusalOf(add(first, 'absent'))).status, 404);
    assert.equal((await refusalOf(add('absent', key.id))).status, 404);
    for (let plans = 2; plans < 10; plans += 1) await makePlan(client, [], [key]);
    const tooMany = await refusalOf(makePlan(client, [], [key]));
    assert.deepEqual([tooMany.status, tooMany.message], [429, 'An API Key may be in at most 10 usage plans.']);
  });
});

test('usage is told of plans with a quota, for days that there were, and by keys of the plan alone', async () => {
  const key = await makeKey(client);
  const [counted, free] = [
    await makePlan(client, [], [key], { quota: { limit: 5, period: 'DAY' } }),
    await makePlan(client, [], [key]),
  ];
  const date = new Date().toISOString().slice(0, 10);
  const usage = (usagePlanId: string, startDate = date, endDate = date, keyId?: string) =>
    client.send(new rest.GetUsageCommand({ usagePlanId, startDate, endDate, keyId }));
  const told = await usage(counted);
  assert.deepEqual(withoutMetadata(told), {
    usagePlanId: counted,
    startDate: date,
    endDate: date,
    items: { [key.id]: [[0, 5]] },
  });
  assert.deepEqual((await usage(free)).items, {});
  assert.deepEqual((await usage(counted, date, date, key.id)).items, told.items);
  for (const [start, end] of [
    [date, '2020-01-01'],
    ['2020-01-01', date],
    ['x', date],
    [date, '2026-13-01'],
  ] as const)
    assert.equal((await refusalOf(usage(counted, start, end))).status, 400, `${start} ${end}`);
  assert.equal((await refusalOf(usage(counted, date, date, 'absent'))).status, 404);
  const update = (usagePlanId: string, ...patchOperations: rest.PatchOperation[]) =>
    client.send(new rest.UpdateUsageCommand({ usagePlanId, keyId: key.id, patchOperations }));
  assert.match((await refusalOf(update(free, replace('/remaining', '1')))).message, /has no quota/);
  assert.match((await refusalOf(update(counted, replace('/used', '1')))).message, /^Invalid patch path/);
  assert.match((await refusalOf(update(counted, replace('/remaining', '1.5')))).message, /whole number/);
});

test('a file of keys is imported, and its rows that cannot be are named', async () => {
  const usagePlanId = await makePlan(client, [], []);
  const lines = (...rows: string[]) => Buffer.from(['Name,key,Description,Enabled,usageplanIds', ...rows].join('\r\n'));
  const load = (body: Uint8Array, failOnWarnings = false) =>
    client.send(new rest.ImportApiKeysCommand({ body, format: 'csv', failOnWarnings }));
  const good = `one,${VALUE}-i1,"a text, with ""quotes""",TRUE,"${usagePlanId}"`;
  const { ids = [], warnings = [] } = await load(
    lines(good, `two,${VALUE}-i2,,false,`, `three,short,,,`, `four,${VALUE}-i1,,,`, `five,${VALUE}-i5,,,absent`),
  );
  assert.equal(ids.length, 2);
  assert.deepEqual(warnings, [
    'Row 4: API Key value should be at least 20 characters',
    'Row 5: API Key already exists',
    'Row 6: Invalid Usage Plan ID specified',
  ]);
  const one = await client.send(new rest.GetApiKeyCommand({ apiKey: ids[0], includeValue: true }));
  assert.deepEqual(
    [one.name, one.value, one.description, one.enabled],
    ['one', `${VALUE}-i1`, 'a text, with "quotes"', true],
  );
  const { items = [] } = await client.send(new rest.GetUsagePlanKeysCommand({ usagePlanId }));
  assert.deepEqual(
    items.map(({ id }) => id),
    [ids[0]],
  );
  const refused = await refusalOf(load(lines(`six,${VALUE}-i6,,,`, good), true));
  assert.deepEqual(refused, badRequest('Row 3: API Key already exists'));
  const { ids: none = [] } = await load(lines(good));
  assert.deepEqual(none, []);
  assert.equal((await load(lines(`six,${VALUE}-i6,,,`))).ids!.length, 1);
  assert.match((await refusalOf(load(Buffer.from('name\nx')))).message, /has no column 'key'/);
});

test('keys and plans have tags, told by both versions of the API', async () => {
  const { id } = await makeKey(client, { tags: { a: '1' } });
  const resourceArn = `arn:aws:apigateway:${REGION}::/apikeys/${id}`;
  await client.send(new rest.TagResourceCommand({ resourceArn, tags: { b: '2' } }));
  assert.deepEqual((await client.send(new rest.GetTagsCommand({ resourceArn }))).tags, { a: '1', b: '2' });
  await client.send(new rest.UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
  const { Tags } = await gateway.clients.gateway.send(new v2.GetTagsCommand({ ResourceArn: resourceArn }));
  assert.deepEqual(Tags, { b: '2' });
  const plan = `arn:aws:apigateway:${REGION}::/usageplans/${await makePlan(client, [], [])}`;
  await client.send(new rest.TagResourceCommand({ resourceArn: plan, tags: { c: '3' } }));
  assert.deepEqual((await client.send(new rest.GetTagsCommand({ resourceArn: plan }))).tags, { c: '3' });
});

test('what the REST API has beside is answered by its name, and what nobody has is not', async () => {
  const refused = await refusalOf(client.send(new rest.GetRestApisCommand({})));
  assert.deepEqual(refused.status, 501);
  assert.match(refused.message, /^GetRestApis is not available/);
  assert.equal((await refusalOf(client.send(new rest.ImportRestApiCommand({ body: Buffer.from('{}') })))).status, 501);
  const unsigned = await fetch(`${gateway.endpoint}/apikeys`);
  assert.equal(unsigned.headers.get('x-amzn-errortype'), 'MissingAuthenticationTokenException');
});

test('a stage that a plan names can be deleted, and one of its name counts again', async () => {
  const served = await makeKeyedApi(gateway);
  const key = await makeKey(client);
  await makePlan(client, [served], [key]);
  const { gateway: versionTwo } = gateway.clients;
  const [ApiId, StageName] = [served.apiId, served.stage];
  await versionTwo.send(new v2.DeleteStageCommand({ ApiId, StageName }));
  await versionTwo.send(new v2.CreateStageCommand({ ApiId, StageName }));
  await versionTwo.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
  assert.equal((await knock(gateway, served, undefined)).status, 403);
  assert.equal((await knock(gateway, served, key.value)).status, 101);
});

test('the AWS CLI makes a key and a plan, and the key connects', { skip: missing('aws') }, async () => {
  const environment = {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: REGION,
    AWS_PAGER: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  const aws = async <T>(words: string): Promise<T> => {
    const args = ['apigateway', ...words.split(' '), '--output', 'json', '--endpoint-url', gateway.endpoint];
    const { code, stdout, stderr } = await runPeer('aws', args, environment);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, words);
    return (stdout === '' ? undefined : JSON.parse(stdout)) as T;
  };
  const served = await makeKeyedApi(gateway);
  const key = await aws<{ id: string; value: string }>('create-api-key --name cli --enabled');
  mustNotBeLogged(key.value);
  const stages = `apiId=${served.apiId},stage=${served.stage}`;
  const limits = '--throttle rateLimit=5,burstLimit=10 --quota limit=10,period=MONTH';
  const plan = await aws<{ id: string }>(`create-usage-plan --name cli --api-stages ${stages} ${limits}`);
  await aws(`create-usage-plan-key --usage-plan-id ${plan.id} --key-id ${key.id} --key-type API_KEY`);
  assert.equal((await knock(gateway, served, key.value)).status, 101);
  const { items } = await aws<{ items: { id: string }[] }>('get-api-keys --name-query cli');
  assert.deepEqual(
    items.map(({ id }) => id),
    [key.id],
  );
  const date = new Date().toISOString().slice(0, 10);
  const usage = await aws<{ items: object }>(
    `get-usage --usage-plan-id ${plan.id} --start-date ${date} --end-date ${date}`,
  );
  assert.deepEqual(usage.items, { [key.id]: [[1, 9]] });
  await aws(`update-api-key --api-key ${key.id} --patch-operations op=replace,path=/enabled,value=false`);
  assert.equal((await knock(gateway, served, key.value)).status, 403);
  await aws(`delete-api-key --api-key ${key.id}`);
});

test('no value lies in the data directory as it is', async () => {
  const { value } = await makeKey(client, { value: `${VALUE}-at-rest` });
  for (const file of ['sallyport.db', 'sallyport.db-wal'])
    assert.ok(!readFileSync(join(gateway.dataDir, file)).includes(value), file);
});

for (const [operation, call] of [
  [
    'CreateVpcLink',
    () => client.send(new rest.CreateVpcLinkCommand({ name: 'link', targetArns: ['arn:aws:elasticloadbalancing:x'] })),
  ],
  ['GetVpcLinks', () => client.send(new rest.GetVpcLinksCommand({}))],
] as const) {
  test(`${operation} of the REST API is refused by its name: links are those of version 2`, async () => {
    await assert.rejects(call, {
      name: 'NotImplemented',
      message: `${operation} is not available in this version of Sallyport.`,
    });
  });
}
