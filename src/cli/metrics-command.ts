// `sallyport metrics`: the caller's own metrics, or for an operator those of the whole server, as the gateway writes them for Prometheus.

import { askControlText, type ControlOptions } from './control-client.ts';

export interface MetricsOptions extends ControlOptions {
  readonly json?: boolean;
}

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Those whose names begin so, or all. */
export async function metricsCommand(names: readonly string[], options: MetricsOptions): Promise<void> {
  const text = await askControlText(options, '/_sallyport/metrics');
  const lines = text.trimEnd().split('\n');
  const nameOf = (line: string) => /^(?:# (?:HELP|TYPE) )?(\w+)/.exec(line)?.[1] ?? '';
  const chosen =
    names.length === 0 ? lines : lines.filter((line) => names.some((name) => nameOf(line).startsWith(name)));
  if (!options.json) return console.log(chosen.join('\n'));
  console.log(JSON.stringify(chosen.filter((line) => SAMPLE.test(line)).map(sampleOf), null, 2));
}

function sampleOf(line: string): object {
  const [, name, labels = '', value] = SAMPLE.exec(line)!;
  const pairs = [...labels.matchAll(LABEL)].map(([, label, text]) => [label, text!.replaceAll(/\\(.)/g, unescaped)]);
  return { name, labels: Object.fromEntries(pairs) as object, value: Number(value) };
}

const unescaped = (_: string, one: string) => (one === 'n' ? '\n' : one);
