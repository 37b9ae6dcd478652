// The same zones in our server and in Debian's knot, asked the same by dig and by kdig: what they say must be the same, section by
// section. The questions, and what differs on purpose, are in phenomena.ts.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { serveZones } from '../../harness/knot.ts';
import { missing } from '../../harness/peers.ts';
import { PHENOMENA } from './phenomena.ts';
import { askAll, nameServersOf, soaOf, type Reply } from './questions.ts';
import { makeZone, zoneFile } from './zone-text.ts';

const skip = missing('knot') || missing('kdig') || missing('dig');
const all = Object.assign({}, ...Object.values(PHENOMENA).map(({ zones }) => zones)) as Record<string, string>;

/** The same zone as a file, with the records that each of our zones begins with. */
const files = () =>
  Object.fromEntries(
    Object.entries(all).map(([zone, text]) => [zone, zoneFile(zone, [soaOf(zone), ...nameServersOf(zone)], text)]),
  );

const knot = skip ? '' : (await serveZones({ after }, files())).address;
const gateway = await startTestGateway({ after });
for (const [zone, text] of Object.entries(all)) await makeZone(gateway.clients, zone, text);

/** What is compared. The order of records in a section means nothing. */
function said({ code, isAuthoritative, flags, answer, authority, additional, question }: Reply) {
  return {
    code,
    isAuthoritative,
    isTruncated: flags.includes('tc'),
    question,
    answer: answer.toSorted(),
    authority: authority.toSorted(),
    // knot says an address once for each record that leads to it.
    additional: [...new Set(additional)].toSorted(),
  };
}

for (const [phenomenon, { questions, differs = {} }] of Object.entries(PHENOMENA)) {
  for (const tool of ['dig', 'kdig'] as const) {
    for (const transport of ['+notcp', '+tcp']) {
      test(`${phenomenon}: as knot says to ${tool} ${transport}`, { skip }, async () => {
        const ours = await askAll(tool, gateway.dnsServer, questions, [transport]);
        const theirs = await askAll(tool, knot, questions, [transport]);
        for (const [at, question] of questions.entries()) {
          const [our, their] = [said(ours[at]!), said(theirs[at]!)];
          if (!Object.hasOwn(differs, question)) assert.deepEqual(our, their, question);
          // kdig asks in lower case whatever it is told, and some differences are of case.
          else if (tool === 'dig') assert.notDeepEqual(our, their, `${question} differs no more`);
        }
      });
    }
  }
}

test('every difference has a row in docs/divergences.md', () => {
  const divergences = readFileSync(new URL('../../../docs/divergences.md', import.meta.url), 'utf8');
  for (const { differs = {} } of Object.values(PHENOMENA)) {
    for (const words of Object.values(differs)) assert.ok(divergences.includes(words), words);
  }
});
