// One attempt across the border, and what must hold of its answer. Counts what was tried, and what was seen that is somebody else's.

import assert from 'node:assert/strict';
import { absentIds, type Ids } from './account-objects.ts';
import { ask, askPage, type Actor, type RawAnswer } from './actors.ts';
import type { Attempt, Means, PageAttempt } from './attempts.ts';

export type ControlService = 'apigatewayv2' | 'apigateway' | 'acm' | 'route53' | 'sts' | 'lambda';

export interface Border {
  readonly caller: Actor;
  readonly own: Ids;
  readonly owner: Actor;
  readonly theirs: Ids;
  readonly leaf: Means['leaf'];
}

export const seen = { cases: 0, foreign: 0 };

const byLength = (a: string, b: string) => b.length - a.length;

/** What was sent may come back; beyond that an answer may hold no id of the owner's, and not the word that is in every name of theirs. */
export function assertNothingOf({ caller, owner, theirs }: Border, answer: RawAnswer, what: string): void {
  seen.cases += 1;
  if (caller.account === owner.account && caller.region === owner.region) return;
  const ids = Object.values(theirs) as string[];
  const sent = ids.filter((text) => answer.asked.includes(text)).sort(byLength);
  const told = sent.reduce((text, one) => text.replaceAll(one, '·'), JSON.stringify([answer.headers, answer.body]));
  const secrets = [...ids.filter((text) => text.length > 5), owner.label];
  if (caller.account !== owner.account) secrets.push(owner.account, owner.keyId);
  const found = secrets.filter((text) => told.includes(text));
  seen.foreign += found.length;
  assert.deepEqual(found, [], `${what} tells of somebody else's: ${answer.body}`);
}

/** The answer with each real id in place of which the absent one is put, so that two of them are equal or tell which was which. */
export function inWords(answer: RawAnswer, pairs: ReadonlyMap<string, string>): Omit<RawAnswer, 'asked'> {
  const real = [...pairs.keys()].sort(byLength);
  const words = (text: string) => real.reduce((changed, one) => changed.replaceAll(one, pairs.get(one)!), text);
  return { status: answer.status, headers: answer.headers, body: words(answer.body) };
}

const isRefusal = ({ status }: RawAnswer) => status >= 400 && status < 500;

/** Each input with their ids, and with ids that there are not: the two answers are the same one. */
export async function cross(border: Border, service: ControlService, name: string, attempt: Attempt): Promise<void> {
  const { caller, own, theirs, leaf } = border;
  const means: Means = { own, account: caller.account, leaf };
  const absent = absentIds(theirs);
  for (const input of attempt.inputs) {
    const given = input(theirs, means);
    const what = `${name} ${JSON.stringify(given).slice(0, 300)}`;
    const answer = await ask(caller, service, name, given);
    assertNothingOf(border, answer, what);
    if (attempt.expects === 'own') {
      assert.ok(answer.status < 300, `${what} answered ${answer.status}: ${answer.body}`);
      continue;
    }
    const other = await ask(caller, service, name, input(absent.ids, means));
    assert.deepEqual(inWords(answer, absent.pairs), inWords(other, absent.pairs), what);
    assert.ok(isRefusal(answer), `${what} answered ${answer.status}: ${answer.body}`);
  }
}

/** With one's own ids the answer is another one than for ids that there are not: else nothing was shown by `cross`. */
export async function stayAtHome(home: Border, service: ControlService, name: string, attempt: Attempt): Promise<void> {
  const { caller, own, leaf } = home;
  const means: Means = { own, account: caller.account, leaf };
  const absent = absentIds(own);
  const tried = new Set<string>();
  for (const input of attempt.expects === 'refused' ? attempt.inputs : []) {
    const asked = JSON.stringify(input(own, means));
    // Their parent and one's own are the same one here.
    if (tried.has(asked)) continue;
    tried.add(asked);
    const other = await ask(caller, service, name, input(absent.ids, means));
    const answer = await ask(caller, service, name, input(own, means));
    const what = `${name} ${asked.slice(0, 300)} answered ${answer.status}: ${answer.body}`;
    assert.notDeepEqual(inWords(answer, absent.pairs), inWords(other, absent.pairs), what);
  }
}

/** A page of the operator's surface; `path` may have a `?` behind it, to tell two attempts at one page apart. */
export async function crossPage(border: Border, path: string, attempt: PageAttempt): Promise<void> {
  const { caller, theirs } = border;
  const absent = absentIds(theirs);
  const [method, target] = path.split('?')[0]!.split(' ') as [string, string];
  for (const asks of attempt.asks) {
    const [query, body] = asks(theirs);
    const answer = await askPage(caller, method, `${target}${query}`, body);
    const what = `${method} ${target}${query} ${JSON.stringify(body)}`;
    assertNothingOf(border, answer, what);
    if (attempt.expects === 'answered') {
      assert.equal(answer.status, 200, `${what} answered: ${answer.body}`);
      continue;
    }
    const [otherQuery, otherBody] = asks(absent.ids);
    const other = await askPage(caller, method, `${target}${otherQuery}`, otherBody);
    assert.deepEqual(inWords(answer, absent.pairs), inWords(other, absent.pairs), what);
    assert.equal(answer.status, attempt.expects === 'operator' ? 403 : 404, `${what} answered: ${answer.body}`);
  }
}
