// Why a client can or cannot connect: the steps of a connection, one by one, by the very functions that serve traffic, up to the
// first that fails, with its cause and the command that mends it. Calls no backend and no authorizer.

import { normalizeHost } from '../protocol/host-name.ts';
import { lookAtDns } from './explain-dns.ts';
import { lookAtTarget } from './explain-target.ts';
import { lookAtTls } from './explain-tls.ts';
import { bad, type Asked, type ExplainedStep, type Explanation, type ExplainWorld } from './explain-world.ts';

/** Explains for one account: another account's domain names and APIs do not exist for it. */
export async function explain(url: string, account: string, world: ExplainWorld): Promise<Explanation> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'wss:') {
    const shown = `'${url.slice(0, 256)}'`;
    return conclude(url, [bad('url', shown, `${shown} is not a wss:// URL`, 'use wss://HOST/KEY')]);
  }
  const host = normalizeHost(parsed.host);
  if (host === '') {
    const cause = `'${parsed.hostname}' is no host name: labels hold letters, digits and inner hyphens, 63 at most`;
    return conclude(url, [bad('url', `'${url.slice(0, 256)}'`, cause, 'use another name')]);
  }
  const found = world.snapshot.domainFor(host);
  const domain = found?.account === account ? found : undefined;
  const asked: Asked = { host, authority: parsed.host, path: parsed.pathname, account, domain };
  const [dns, tls, target] = await Promise.all([
    lookAtDns(asked, world),
    lookAtTls(asked, world),
    lookAtTarget(asked, world),
  ]);
  return conclude(url, [dns, tls, ...target]);
}

/** Without the domain name neither record nor certificate can lead anywhere, so it comes first; else the first that fails. */
function conclude(url: string, steps: readonly ExplainedStep[]): Explanation {
  const failing = steps.filter((one) => !one.isGood);
  const first = failing.find((one) => one.step === 'host') ?? failing[0];
  const notes = steps.flatMap((one) => one.notes ?? []);
  const verdict = { url, isGood: first === undefined, steps, notes };
  if (first?.cause === undefined || first.fix === undefined) return verdict;
  const { cause, fix, record } = first;
  return { ...verdict, cause, fix, ...(record && { record }) };
}
