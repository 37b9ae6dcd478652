// `sallyport explain URL`: what the gateway says about a connection, for people or as JSON.

import { askControl, type ControlOptions } from './control-client.ts';
import { asJson, bold, mark, pasteable, printRecord, type RecordForm } from './terminal.ts';

interface Step {
  readonly step: string;
  readonly isGood: boolean;
  readonly found: string;
}

export interface Note {
  readonly cause: string;
  readonly fix: string;
}

export interface ExplainOptions extends ControlOptions {
  readonly json?: boolean;
  readonly provider?: string;
}

const STEP_WIDTH = 11;

/** The query of a page that tells records in somebody's form. */
export function withProvider(query: string, { provider }: ExplainOptions): string {
  return [query, ...(provider === undefined ? [] : [`provider=${encodeURIComponent(provider)}`])]
    .filter((part) => part !== '')
    .join('&');
}

/** Prints the steps, then the first that fails, its cause and what mends it. Resolves to the exit code: 0 when all are good. */
export async function explainCommand(url: string, options: ExplainOptions): Promise<number> {
  const query = withProvider(`url=${encodeURIComponent(url)}`, options);
  const answer = (await askControl(options, `/_sallyport/explain?${query}`)) as {
    isGood: boolean;
    steps: Step[];
    cause?: string;
    fix?: string;
    record?: RecordForm;
    notes: Note[];
  };
  if (options.json) {
    console.log(asJson(answer, options));
    return answer.isGood ? 0 : 1;
  }
  for (const { step, isGood, found } of answer.steps)
    console.log(`${mark(isGood)} ${step.padEnd(STEP_WIDTH)} ${found}`);
  if (!answer.isGood) {
    console.log(`\n${bold('cause')}  ${answer.cause}`);
    if (answer.record) {
      console.log(bold('fix'));
      printRecord(answer.record, '       ');
    } else console.log(`${bold('fix')}    ${pasteable(answer.fix ?? '', options)}`);
  }
  if (answer.notes.length > 0) console.log('');
  for (const note of answer.notes) printNote(note, '', options);
  return answer.isGood ? 0 : 1;
}

export function printNote({ cause, fix }: Note, indent: string, options: ExplainOptions): void {
  console.log(`${indent}${bold('note')}   ${cause}`);
  console.log(`${indent}       ${pasteable(fix, options)}`);
}
