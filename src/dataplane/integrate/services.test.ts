// Where services are: what the operator said, else AWS itself by region and partition, and never AWS itself while nobody has credentials
// that it knows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServiceUri } from '../../model/aws-services.ts';
import { isRefusal } from '../../model/faults.ts';
import { createLog } from '../../observe/log.ts';
import { createEgress } from './egress.ts';
import { createHttpBackends } from './http-backends.ts';
import { createServices } from './services.ts';

const named = createHttpBackends(createEgress(true, []), undefined);
const open = createHttpBackends(createEgress(false, []), undefined);
const servicesOf = (isDevelopment: boolean) =>
  createServices({
    endpoints: { sqs: 'http://queues.internal:9324/' },
    isDevelopment: () => isDevelopment,
    credentialsOf: () => undefined,
    named,
    open,
    nowMs: () => 0,
    log: createLog('error', false),
  });

const PLACES: readonly (readonly [uri: string, url: string])[] = [
  ['us-east-1:sqs:path/1/q', 'http://queues.internal:9324'],
  ['us-east-1:dynamodb:action/PutItem', 'https://dynamodb.us-east-1.amazonaws.com'],
  ['eu-central-1:sns:path//', 'https://sns.eu-central-1.amazonaws.com'],
  ['us-gov-west-1:events:action/PutEvents', 'https://events.us-gov-west-1.amazonaws.com'],
  ['cn-north-1:states:action/StartExecution', 'https://states.cn-north-1.amazonaws.com.cn'],
  ['us-east-1:states:action/StartSyncExecution', 'https://sync-states.us-east-1.amazonaws.com'],
  ['us-east-1:states:action/StartSyncExecutions', 'https://states.us-east-1.amazonaws.com'],
  ['us-east-1:123456789012.kinesis:action/PutRecord', 'https://123456789012.kinesis.us-east-1.amazonaws.com'],
];
for (const [uri, url] of PLACES) {
  void test(`${uri} is at ${url}`, () => {
    const place = servicesOf(false).placeOf(parseServiceUri(`arn:aws:apigateway:${uri}`)!);
    assert.ok(!isRefusal(place));
    assert.equal(place.url, url);
    assert.equal(place.backends, url.startsWith('https') ? open : named, 'AWS itself is reached as by any integration');
  });
}

const REFUSED: readonly (readonly [name: string, isDevelopment: boolean, uri: string, reason: RegExp])[] = [
  [
    'AWS itself without accounts',
    true,
    'us-east-1:sns:path//',
    /^sns is not called: start with --service-endpoint sns=URL/,
  ],
  [
    'a region that leads elsewhere',
    false,
    'evil.example/:sns:path//',
    /'evil.example\/' in the integration URI is no region/,
  ],
  ['such a region of a service with an endpoint', true, 'x:sqs:path/q', /'x' in the integration URI is no region/],
];
for (const [name, isDevelopment, uri, reason] of REFUSED) {
  void test(`refuses ${name}`, () => {
    const place = servicesOf(isDevelopment).placeOf(parseServiceUri(`arn:aws:apigateway:${uri}`)!);
    assert.ok(isRefusal(place));
    assert.equal(place.code, 'ConfigurationError');
    assert.match(place.reason, reason);
  });
}

void test('refuses an account that no credentials are bound to', () => {
  const refusal = servicesOf(false).credentialsOf('111122223333', 'role', 'sqs');
  assert.ok(isRefusal(refusal));
  assert.match(
    refusal.reason,
    /Invalid permissions to call sqs: no backendCredentials are bound to the account 111122223333/,
  );
});

const NOT_PARSED = [
  'arn:aws:apigateway:us-east-1:sqs:queue',
  'arn:aws:apigateway:us-east-1:sqs@evil:path/q',
  'arn:aws:apigateway:us-east-1::path/q',
  'arn:aws:sqs:us-east-1:sqs:path/q',
  'https://sqs.us-east-1.amazonaws.com/1/q',
];
for (const uri of NOT_PARSED) void test(`${uri} names no service`, () => assert.equal(parseServiceUri(uri), undefined));
