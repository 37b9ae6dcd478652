// `node bench/hottest.ts FILE.cpuprofile [COUNT]`: the functions in which a profiled process spent most of its time, by themselves
// (without what they called), as shares of the time in which it was not idle.

import { readFileSync } from 'node:fs';

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const [file, count = '15'] = process.argv.slice(2);
if (file === undefined) {
  console.error('hottest: which profile? node bench/hottest.ts FILE.cpuprofile [COUNT]');
  process.exit(2);
}
const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile;
const nameOf = new Map(profile.nodes.map(({ id, callFrame }) => [id, label(callFrame)]));
const spent = new Map<string, number>();
let total = 0;
profile.samples.forEach((id, at) => {
  const name = nameOf.get(id)!;
  if (name.startsWith('(idle)')) return;
  const micros = profile.timeDeltas[at] ?? 0;
  total += micros;
  spent.set(name, (spent.get(name) ?? 0) + micros);
});
const hottest = [...spent].toSorted((a, b) => b[1] - a[1]).slice(0, Number(count));
for (const [name, micros] of hottest) console.log(`${((100 * micros) / total).toFixed(1).padStart(5)} %  ${name}`);

function label({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const place = url === '' ? '' : ` ${url.replace(/^.*\/(?=node_modules\/|src\/)/, '')}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${place}`;
}
