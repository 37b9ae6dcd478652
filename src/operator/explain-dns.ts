// The DNS step of `explain`: does the name lead here? By real queries; what a mistake looks like is named, and what mends it is told in
// the form of whoever keeps the zone.

import { flawsIn, mistakeIn } from './dns-mistakes.ts';
import { dissent, reasonFor, type Reason } from './dns-views.ts';
import { good, type Asked, type ExplainedStep, type ExplainWorld } from './explain-world.ts';
import { lookUpHost } from './look-up-host.ts';
import { recordFix, type RecordFix } from './record-fix.ts';

export async function lookAtDns(asked: Asked, world: ExplainWorld): Promise<ExplainedStep> {
  const { host, domain } = asked;
  if (host === 'localhost' || /^[\d.]+$/.test(host) || host.startsWith('[')) return good('dns', `${host} needs no DNS`);
  const servers = world.steps.serversFor(`${host}.`);
  const lookup = await lookUpHost(host, servers);
  const answers = [...lookup.cnames.map((name) => `CNAME ${name}`), ...lookup.addresses].join(', ');
  const found = `${answers || 'no address'} (asked ${lookup.server})`;
  const fixFor = async (name?: string): Promise<RecordFix> =>
    domain
      ? recordFix(domain, name ?? domain.domainName, lookup.isApex, world)
      : { fix: `create the custom domain name first, then a record from ${host} to its Regional name` };
  const failed = async ({ cause, fix, name }: Reason): Promise<ExplainedStep> => {
    const mended = fix === undefined ? await fixFor(name) : { fix };
    return { step: 'dns', isGood: false, found, cause, ...mended };
  };
  const mistake = mistakeIn(asked, lookup, world);
  if (mistake !== undefined) return failed((await reasonFor(asked, lookup, servers, world)) ?? { cause: mistake });
  const { reason, notes } = await dissent(asked, servers, world);
  if (reason) return failed(reason);
  const flaws = flawsIn(asked, lookup, world);
  const flawNotes =
    flaws.length === 0 ? [] : [await fixFor()].flatMap(({ fix }) => flaws.map((cause) => ({ cause, fix })));
  const all = [...flawNotes, ...notes];
  return all.length === 0 ? good('dns', found) : { ...good('dns', found), notes: all };
}
