// The budget of the authority is one for all accounts: what it is counted for is told where there is one owner alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realClock } from '../ambient/clock.ts';
import { developmentIdentities, type Identities } from '../identity/identities.ts';
import { Fault } from '../model/faults.ts';
import { signRequest } from '../protocol/sigv4.ts';
import type { BudgetLine } from './certificate-record.ts';
import { showBudget, type CertificateRequestsWorld } from './certificate-requests.ts';

const LINES: readonly BudgetLine[] = [
  { limit: 'orders', allowed: 300, windowMs: 1, used: 1, left: 299 },
  { limit: 'certificates', allowed: 50, windowMs: 1, used: 1, left: 49, about: 'secret-plan.example' },
];

async function ask(
  identities: Identities,
  budget: readonly BudgetLine[] | undefined,
  isSigned = true,
): Promise<unknown> {
  const target = '/_sallyport/certificates/budget';
  const request = { method: 'GET', target, host: 'localhost', body: new Uint8Array() };
  const scope = { region: 'us-east-1', service: 'sallyport' };
  const signed = signRequest(request, { accessKeyId: 'test', secret: 'test' }, scope, Date.now());
  const headers = isSigned ? { host: 'localhost', ...signed } : { host: 'localhost' };
  const world = { identities: () => identities, realClock, budget: () => Promise.resolve(budget) };
  // The page asks for nothing else of the world.
  const answer = await showBudget(
    { ...request, headers, sourceIp: '127.0.0.1', requestId: '1' },
    world as unknown as CertificateRequestsWorld,
  );
  return (JSON.parse(answer.body) as { budget?: unknown }).budget;
}

const severalAccounts: Identities = {
  ...developmentIdentities,
  isDevelopment: false,
  hasOneAccount: false,
  isOperator: () => false,
};

test('all of it with one account, nothing of other accounts with several, nothing where there is no authority', async () => {
  assert.deepEqual(await ask(developmentIdentities, LINES), LINES);
  assert.deepEqual(await ask(severalAccounts, LINES), LINES.slice(0, 1));
  assert.deepEqual(await ask({ ...severalAccounts, isOperator: () => true }, LINES), LINES);
  assert.equal(await ask(developmentIdentities, undefined), undefined);
});

test('nobody reads it without a signature', async () => {
  const isMissing = (error: unknown) => error instanceof Fault && error.code === 'MissingAuthenticationTokenException';
  await assert.rejects(ask(developmentIdentities, LINES, false), isMissing);
});
