// `sallyport zones`: each hosted zone with whether it is served and why, its name servers, whether the world asks this server, and the next
// action; and the operator's decision which zone of a name is served. Says what the gateway answers.

import { askControl, tellControl, type ControlOptions } from './control-client.ts';
import { asJson, bold, mark, pasteable } from './terminal.ts';

interface Zone {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly recordSetCount: number;
  readonly isServed: boolean;
  readonly reason: string;
  readonly nameServers: readonly string[];
  readonly delegation: { readonly to: string; readonly found: string; readonly asked: string };
  readonly isWell: boolean;
  readonly cause?: string;
  readonly next?: string;
}

interface Named {
  readonly id: string;
  readonly name: string;
  readonly account: string;
}

interface Decision {
  readonly zone: Zone;
  readonly began: readonly Named[];
  readonly ended: readonly Named[];
}

export interface ZonesOptions extends ControlOptions {
  readonly json?: boolean;
}

export interface ServeOptions extends ZonesOptions {
  readonly undo?: boolean;
}

const PAGE = '/_sallyport/zones';
const WORD_WIDTH = 12;
const DELEGATED: Readonly<Record<string, string>> = {
  us: 'yes',
  'us-and-others': 'in part',
  others: 'to others',
  nobody: 'no',
  unknown: 'not known',
};

/** Prints the state of each, or of those that are named, page by page as they come. Resolves to the exit code: 0 when all are well. */
export async function zonesCommand(which: string | undefined, options: ZonesOptions): Promise<number> {
  const all: Zone[] = [];
  for (let query = which === undefined ? '' : `?zone=${encodeURIComponent(which)}`; ;) {
    const page = (await askControl(options, `${PAGE}${query}`)) as { zones: Zone[]; after?: string };
    all.push(...page.zones);
    if (!options.json) for (const one of page.zones) printZone(one, options);
    if (page.after === undefined) break;
    query = `?after=${encodeURIComponent(page.after)}`;
  }
  if (options.json) console.log(asJson(all, options));
  else if (all.length === 0) console.log('no hosted zones; aws route53 create-hosted-zone makes one');
  return all.every(({ isWell }) => isWell) ? 0 : 1;
}

export async function serveZoneCommand(id: string, options: ServeOptions): Promise<void> {
  const page = `${PAGE}/serve${options.undo ? '/undo' : ''}`;
  const decision = (await tellControl(options, page, { id })) as Decision;
  if (options.json) return console.log(asJson(decision, options));
  const { zone, began, ended } = decision;
  for (const one of began)
    console.log(`${mark(true)} ${one.name} is served by ${one.id} of account ${one.account} now`);
  for (const one of ended)
    console.log(`${mark(false)} ${one.id} (${one.name}) of account ${one.account} is not served any more`);
  if (began.length === 0 && ended.length === 0) console.log('nothing changes in what is served');
  printZone(zone, options);
}

function printZone(zone: Zone, options: ZonesOptions): void {
  const { id, name, account, recordSetCount, isServed, reason, nameServers, delegation, isWell, cause, next } = zone;
  const line = (word: string, text: string) => console.log(`    ${word.padEnd(WORD_WIDTH)} ${text}`);
  console.log(`${mark(isWell)} ${bold(name)}  ${id}`);
  line('account', account);
  line('record sets', String(recordSetCount));
  line('served', `${isServed ? 'yes' : 'no'}: ${reason}`);
  line('name servers', nameServers.join(', '));
  line('delegated', `${DELEGATED[delegation.to]}: ${delegation.found} (asked ${delegation.asked})`);
  if (isWell) return;
  line(bold('next'.padEnd(WORD_WIDTH)), cause ?? '');
  line('', pasteable(next ?? '', options));
}
