// `sallyport keys` and `sallyport keys rotate`: which keys there are, and new ones in their place while the gateway serves.

import { setTimeout as pause } from 'node:timers/promises';
import { askControl, ControlProblem, tellControl, type ControlOptions } from './control-client.ts';
import { counted } from './terminal.ts';

interface KeyRow {
  readonly id: string;
  readonly purpose: string;
  readonly createdAt: string;
  readonly keyPairs?: number;
}

interface Rotation {
  readonly from: number;
  readonly to: number;
  readonly isRunning: boolean;
  readonly resealed: number;
  readonly left: number;
  readonly problem?: string;
}

interface Page {
  readonly masterKey: { readonly name: string; readonly isReplacedByRotation: boolean };
  readonly keys: readonly KeyRow[];
  readonly rotation?: Rotation;
}

export interface KeysOptions extends ControlOptions {
  readonly json?: boolean;
}

const POLL_MS = 250;
const ID_WIDTH = 18;
const PURPOSE_WIDTH = 16;

/** Prints every key and secret by its name, and how much lies under it. */
export async function keysCommand(options: KeysOptions): Promise<void> {
  const page = (await askControl(options, '/_sallyport/keys')) as Page;
  if (options.json) console.log(JSON.stringify(page, null, 2));
  else printPage(page);
}

/** Rotates, tells how far it is until it is done, and prints what there is then. Throws a ControlProblem when it is not. */
export async function rotateCommand(options: KeysOptions): Promise<void> {
  let page = (await tellControl(options, '/_sallyport/keys/rotate', {})) as Page;
  let told = '';
  while (page.rotation?.isRunning) {
    const line = progressOf(page.rotation);
    if (!options.json && line !== told) printProgress(line);
    told = line;
    await pause(POLL_MS);
    page = (await askControl(options, '/_sallyport/keys')) as Page;
  }
  if (!options.json && process.stdout.isTTY && told !== '') process.stdout.write('\n');
  if (options.json) console.log(JSON.stringify(page, null, 2));
  const { rotation } = page;
  if (rotation?.problem !== undefined) throw new ControlProblem(`the rotation is not done: ${rotation.problem}.`);
  if (!options.json) printDone(page);
}

function progressOf({ from, to, resealed, left }: Rotation): string {
  return `sealing private keys anew, data key ${from} → ${to}: ${resealed} of ${resealed + left}`;
}

/** A terminal sees one line that grows, everybody else a line each. */
function printProgress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${line}\x1b[K`);
  else console.log(line);
}

function printDone(page: Page): void {
  const { masterKey, rotation } = page;
  const sealed = rotation
    ? `${counted(rotation.resealed, 'private key is', 'private keys are')}`
    : 'all private keys are';
  console.log(`done: ${sealed} sealed under a new data key, and the old one is gone`);
  console.log(
    masterKey.isReplacedByRotation
      ? `${masterKey.name} is a new one, too: back it up, and throw away the copies of the old one`
      : `the master key is yours and stays: to replace it, start with the new one and --previous-master-key`,
  );
}

function printPage({ masterKey, keys, rotation }: Page): void {
  const note = masterKey.isReplacedByRotation ? '(sallyport keys rotate replaces it)' : '(yours)';
  console.log(`master key  ${masterKey.name} ${note}`);
  for (const { id, purpose, createdAt, keyPairs } of keys) {
    const under = keyPairs === undefined ? '' : `  ${counted(keyPairs, 'key pair')}`;
    console.log(`${id.padEnd(ID_WIDTH)} ${purpose.padEnd(PURPOSE_WIDTH)} ${createdAt.slice(0, 10)}${under}`);
  }
  if (rotation?.isRunning) console.log(progressOf(rotation));
  if (rotation?.problem !== undefined) console.log(`the last rotation is not done: ${rotation.problem}`);
}
