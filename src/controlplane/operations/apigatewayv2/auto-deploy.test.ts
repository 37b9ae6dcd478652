// Automatic deployments over the real embedded store: what an edit of each kind freezes, that it is frozen with the edit itself in it
// and in the same revision, and what happens when the deployment cannot be made.

import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { openStoreHere } from '../../../../test/harness/store-here.ts';
import type { Api, Authorizer, Deployment, Model, Route, Stage } from '../../../model/api.ts';
import type { Fault } from '../../../model/faults.ts';
import type { ChangeEvent, Store } from '../../../store/contract.ts';
import { autoDeploying } from './auto-deploy.ts';

const NOW_MS = 1_000;
const ENTITY = { account: '000000000000', region: 'us-east-1' };
const apiId = 'abcdefghij';

const API: Api = {
  ...ENTITY,
  id: apiId,
  apiId,
  name: 'a',
  protocolType: 'WEBSOCKET',
  routeSelectionExpression: '$request.body.action',
  apiKeySelectionExpression: '$request.header.x-api-key',
  disableExecuteApiEndpoint: false,
  ipAddressType: 'ipv4',
  createdAtMs: 0,
};
const STAGE: Stage = {
  ...ENTITY,
  id: `${apiId}/live`,
  apiId,
  stageName: 'live',
  autoDeploy: true,
  stageVariables: {},
  defaultRouteSettings: {},
  routeSettings: {},
  tags: {},
  createdAtMs: 0,
  lastUpdatedAtMs: 0,
};
const route = (routeKey: string, more: Partial<Route> = {}): Route => ({
  ...ENTITY,
  id: `${apiId}/${routeKey}`,
  apiId,
  routeId: routeKey,
  routeKey,
  authorizationType: 'NONE',
  apiKeyRequired: false,
  ...more,
});
const model = (name: string, schema = '{}'): Model => ({
  ...ENTITY,
  id: `${apiId}/${name}`,
  apiId,
  modelId: name,
  name,
  schema,
});
const AUTHORIZER: Authorizer = {
  ...ENTITY,
  id: `${apiId}/auth01`,
  apiId,
  authorizerId: 'auth01',
  authorizerType: 'REQUEST',
  authorizerUri: 'arn',
  name: 'one',
  identitySource: [],
};

/** A store whose Api has one route and a stage that follows it. */
async function open(t: TestContext): Promise<{ store: Store; events: ChangeEvent[] }> {
  const inner = await openStoreHere(t);
  const store = autoDeploying(inner, { now: () => NOW_MS });
  await inner.transact(async (transaction) => {
    transaction.put('api', API);
    transaction.put('route', route('first'));
    transaction.put('stage', STAGE);
  });
  const events: ChangeEvent[] = [];
  inner.onChange((event) => events.push(event));
  return { store, events };
}

const stageOf = async (store: Store) => (await store.view.get('stage', STAGE.id))!;

async function deployed(store: Store): Promise<Deployment | undefined> {
  const { deploymentId } = await stageOf(store);
  return deploymentId === undefined ? undefined : store.view.get('deployment', `${apiId}/${deploymentId}`);
}

describe('an edit', () => {
  test('is deployed in its own revision, with itself in it', async (t) => {
    const { store, events } = await open(t);
    await store.transact(async (transaction) => transaction.put('route', route('second')));
    const deployment = (await deployed(store))!;
    assert.deepEqual(
      deployment.frozen.routes.map((one) => one.routeKey),
      ['first', 'second'],
    );
    assert.deepEqual([deployment.autoDeployed, deployment.createdAtMs], [true, NOW_MS]);
    const [event, ...others] = events;
    assert.deepEqual(others, []);
    assert.deepEqual(event!.changes.map(({ kind }) => kind).sort(), ['deployment', 'route', 'stage']);
  });

  test('that changes a route is deployed as it is after it, and one that removes it without it', async (t) => {
    const { store } = await open(t);
    await store.transact(async (transaction) => {
      transaction.put('route', route('second'));
      transaction.put('route', route('first', { operationName: 'Changed' }));
    });
    await store.transact(async (transaction) => transaction.remove('route', `${apiId}/second`));
    const { routes } = (await deployed(store))!.frozen;
    assert.deepEqual(
      routes.map(({ routeKey, operationName }) => [routeKey, operationName]),
      [['first', 'Changed']],
    );
  });

  test('of a model is deployed', async (t) => {
    const { store } = await open(t);
    await store.transact(async (transaction) => transaction.put('model', model('Message', '{"type":"object"}')));
    assert.deepEqual((await deployed(store))!.frozen.models, [{ name: 'Message', schema: '{"type":"object"}' }]);
    await store.transact(async (transaction) => transaction.remove('model', `${apiId}/Message`));
    assert.deepEqual((await deployed(store))!.frozen.models, []);
  });

  test('of an authorizer is deployed', async (t) => {
    const { store } = await open(t);
    await store.transact(async (transaction) => transaction.put('authorizer', AUTHORIZER));
    assert.partialDeepStrictEqual((await deployed(store))!.frozen.authorizers, [
      { authorizerId: 'auth01', name: 'one' },
    ]);
  });

  test('of what routing does not read of the Api makes no deployment', async (t) => {
    const { store } = await open(t);
    await store.transact(async (transaction) => transaction.put('api', { ...API, name: 'b' }));
    assert.equal(await deployed(store), undefined);
    await store.transact(async (transaction) => transaction.put('api', { ...API, disableExecuteApiEndpoint: true }));
    assert.equal((await deployed(store))!.frozen.disableExecuteApiEndpoint, true);
  });

  test('that throws leaves everything as it was', async (t) => {
    const { store, events } = await open(t);
    const edit = store.transact(async (transaction) => {
      transaction.put('route', route('second'));
      throw new Error('changed its mind');
    });
    await assert.rejects(edit, /changed its mind/);
    assert.deepEqual([await deployed(store), events.length], [undefined, 0]);
  });

  test('that cannot be deployed is kept, and the stage says why', async (t) => {
    const { store } = await open(t);
    const broken = route('second', { requestModels: { $default: 'Nobody' } });
    await store.transact(async (transaction) => transaction.put('route', broken));
    const stage = await stageOf(store);
    assert.deepEqual(
      [stage.deploymentId, stage.lastDeploymentStatusMessage],
      [undefined, 'Deployment attempt failed: Invalid Model identifier specified Nobody'],
    );
    assert.deepEqual(await store.view.get('route', broken.id), broken);
    await store.transact(async (transaction) => transaction.put('model', model('Nobody')));
    assert.equal((await deployed(store))!.frozen.routes.length, 2, 'the next edit that can be deployed is');
  });

  test('of another Api leaves the stage alone', async (t) => {
    const { store } = await open(t);
    const other = { ...route('first'), id: 'otherother/first', apiId: 'otherother' };
    await store.transact(async (transaction) => transaction.put('route', other));
    assert.equal(await deployed(store), undefined);
  });

  test('that somebody else always comes before gives up in AWS’s words, and nothing of it is kept', async (t) => {
    const { store } = await open(t);
    let count = 0;
    const edit = store.transact(async (transaction) => {
      await transaction.get('api', apiId);
      await store.transact(async (other) => other.put('api', { ...API, name: `name ${(count += 1)}` }));
      transaction.put('route', route('second'));
    });
    await assert.rejects(edit, (error: Fault) => {
      assert.equal(error.code, 'ConflictException');
      assert.equal(
        error.message,
        'Unable to complete operation due to concurrent modification. Please try again later.',
      );
      return true;
    });
    assert.equal(await store.view.get('route', `${apiId}/second`), undefined);
  });
});
