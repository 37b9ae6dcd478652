import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refuse, type DataFaultCode, type Refusal } from '../../model/faults.ts';
import type { Answer } from '../stages.ts';
import { errorKind, hasTakenTime } from './error-kind.ts';

const answer = (status: number, backendStatus?: number): Answer => ({
  status,
  body: Buffer.alloc(0),
  headers: {},
  ...(backendStatus !== undefined && { backendStatus }),
});
const refusal = (code: DataFaultCode, integration?: 'failed' | 'unusable'): Refusal => ({
  ...refuse(code, 'a step', 'a reason'),
  ...(integration && { integration }),
});

describe('what an error is counted as', () => {
  const rows: readonly [string, Refusal | undefined, Answer | undefined, ReturnType<typeof errorKind>][] = [
    ['an answer', undefined, answer(200), 'none'],
    ['no integration', undefined, undefined, 'none'],
    ['4XX of the integration', undefined, answer(404), 'integration'],
    ['5XX of it that a template made a 200 of', undefined, answer(200, 500), 'integration'],
    ['200 of it that a template made a 500 of', undefined, answer(500, 200), 'none'],
    ['a function that failed', refusal('IntegrationFailure', 'failed'), undefined, 'integration'],
    ['a function that returned nonsense', refusal('ConfigurationError', 'unusable'), undefined, 'execution'],
    ['a backend that is away', refusal('IntegrationFailure'), undefined, 'execution'],
    ['a time-out', refusal('IntegrationTimeout'), undefined, 'execution'],
    ['a reply that is too large', refusal('IntegrationFailure'), answer(200), 'execution'],
    ['401 of the $connect integration', refusal('IntegrationRefused'), answer(401), 'integration'],
    ['302 of the $connect integration', refusal('IntegrationRefused'), answer(302), 'none'],
    ['no route', refusal('Forbidden'), undefined, 'client'],
    ['a body that does not fit', refusal('BadRequestBody'), undefined, 'client'],
    ['an authorizer that says no', refusal('Unauthorized'), undefined, 'client'],
    ['an authorizer that cannot be asked', refusal('AuthorizerFailure'), undefined, 'execution'],
    ['a callback to nobody', refusal('Gone'), undefined, 'client'],
    ['a rate', refusal('TooManyRequests'), undefined, 'uncounted'],
    ['the rate of a callback', refusal('LimitExceeded'), undefined, 'uncounted'],
    ['a quota', refusal('QuotaExceeded'), undefined, 'client'],
    ['a payload that is too large', refusal('PayloadTooLarge'), undefined, 'uncounted'],
    ['a client that left meanwhile', refusal('ClientLeft'), answer(200), 'none'],
    ['a shutdown', refusal('Draining'), undefined, 'uncounted'],
  ];
  for (const [what, refused, answered, kind] of rows)
    void test(`${what}: ${kind}`, () => assert.equal(errorKind(refused, answered), kind));
});

describe('whether an integration took its time', () => {
  const rows: readonly [string, Refusal | undefined, Answer | undefined, boolean][] = [
    ['it answered', undefined, answer(500), true],
    ['it was waited for', refusal('IntegrationTimeout'), undefined, true],
    ['its function failed', refusal('IntegrationFailure', 'failed'), undefined, true],
    ['its answer was of no use', refusal('ConfigurationError', 'unusable'), undefined, true],
    ['it was never called', refusal('ConfigurationError'), undefined, false],
    ['what it takes was not there', refusal('UnsupportedMediaType'), undefined, false],
  ];
  for (const [what, refused, answered, has] of rows)
    void test(`${what}: ${has}`, () => assert.equal(hasTakenTime(refused, answered), has));
});
