// The body of a stack's put: what is no such body is refused as a fault, whatever it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../model/faults.ts';
import { readStackBody } from './stack-body.ts';

const resource = {
  logicalId: 'Api',
  type: 'T',
  physicalId: 'a',
  attributes: {},
  applied: {},
  dependsOn: [],
  deletionPolicy: 'Delete',
};
const given = { name: 'f', handler: 'a.b', taskRoot: '/', timeoutSeconds: 1, memoryMb: 128, environment: {} };
const GOOD = { revision: 0, template: 't', resources: [resource], outgoing: [], functions: [given, { name: 'kept' }] };
const read = (body: unknown) => readStackBody(Buffer.from(JSON.stringify(body)));

void test('a good one is read, and nothing of it is left out', () => assert.deepEqual(read(GOOD), GOOD));

const WRONG: readonly (readonly [string, object])[] = [
  ['a revision that is none', { revision: -1 }],
  ['a resource without an id', { resources: [{ ...resource, logicalId: undefined }] }],
  ['two resources of one id', { resources: [resource, resource] }],
  ['attributes that are a list', { resources: [{ ...resource, attributes: [] }] }],
  ['two functions of one name', { functions: [given, { name: 'f' }] }],
  ['an environment that is a text', { functions: [{ ...given, environment: 'x' }] }],
  ['too many resources', { resources: Array.from({ length: 501 }, (_, at) => ({ ...resource, logicalId: `R${at}` })) }],
  ['a run that is a number', { run: 1 }],
];
for (const [name, change] of WRONG)
  void test(`${name} is refused`, () => assert.throws(() => read({ ...GOOD, ...change }), Fault));

void test('nothing else comes of any other', () => {
  const json = fc.jsonValue();
  const near = fc.record({ revision: json, template: json, resources: json, outgoing: json, functions: json });
  fc.assert(
    fc.property(fc.oneof(json, near), (body) => {
      try {
        read(body);
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
  );
});
