// The DNS step of `explain`: does the name lead here? By real queries; what a mistake looks like is named, and what mends it is told in
// the form of whoever keeps the zone.

import { flawsIn, mistakeIn } from './dns-mistakes.ts';
import { dissent, reasonFor, type Reason } from './dns-views.ts';
import { good, type Asked, type ExplainedStep, type ExplainWorld, type Note } from './explain-world.ts';
import { lookUpHost } from './look-up-host.ts';
import { recordFix, type RecordFix } from './record-fix.ts';

export async function lookAtDns(asked: Asked, world: ExplainWorld): Promise<ExplainedStep> {
  const { host } = asked;
  if (host === 'localhost' || /^[\d.]+$/.test(host) || host.startsWith('[')) return good('dns', `${host} needs no DNS`);
  const servers = world.steps.serversFor(`${host}.`);
  const lookup = await lookUpHost(host, servers);
  const answers = [...lookup.cnames.map((name) => `CNAME ${name}`), ...lookup.addresses].join(', ');
  const found = `${answers || 'no address'} (asked ${lookup.server})`;
  const mistake = mistakeIn(asked, lookup, world);
  if (mistake !== undefined) {
    const reason = await reasonFor(asked, lookup, servers, world);
    return failed(asked, found, reason ?? { cause: mistake }, world);
  }
  const { reason, notes } = await dissent(asked, servers, world);
  if (reason) return failed(asked, found, reason, world);
  const all = [...(await flawNotes(flawsIn(asked, lookup, world), asked, world)), ...notes];
  return all.length === 0 ? good('dns', found) : { ...good('dns', found), notes: all };
}

async function failed(asked: Asked, found: string, { cause, fix, name }: Reason, world: ExplainWorld) {
  const mended = fix === undefined ? await fixOf(asked, name, world) : { fix };
  return { step: 'dns', isGood: false, found, cause, ...mended } as const;
}

async function flawNotes(flaws: readonly string[], asked: Asked, world: ExplainWorld): Promise<readonly Note[]> {
  if (flaws.length === 0) return [];
  const { fix } = await fixOf(asked, undefined, world);
  return flaws.map((cause) => ({ cause, fix }));
}

async function fixOf({ domain, host }: Asked, name: string | undefined, world: ExplainWorld): Promise<RecordFix> {
  if (!domain) return { fix: `create the custom domain name first, then a record from ${host} to its Regional name` };
  return recordFix(domain, name ?? domain.domainName, world);
}
