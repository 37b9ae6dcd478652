// A file system of a test's own, in memory: small enough to be filled, and its own to be made read-only. To mount one takes root.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Owner } from './gateway.ts';

/** For `skip`: the reason, where nothing can be mounted here; false where it can. */
export function mountProblem(reason: string): false | string {
  const probe = mkdtempSync(join(tmpdir(), 'sallyport-mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', probe]);
  if (status === 0) spawnSync('umount', [probe]);
  rmdirSync(probe);
  return status === 0 ? false : `not shown: ${reason}`;
}

/** The path of an empty one, that lives as long as its owner. */
export function mountSmallDisk(owner: Owner, sizeMiB: number): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-disk-'));
  mount('-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', path);
  owner.after(() => {
    // Lazily: a gateway on it may still be ending.
    spawnSync('umount', ['-l', path]);
    rmdirSync(path);
  });
  return path;
}

export function makeReadOnly(path: string): void {
  mount('-o', 'remount,ro', path);
}

/** Read-only for whoever opens anything from now on; what is open stays so. Returns what undoes it, which may be called again. */
export function coverReadOnly(path: string): () => void {
  mount('--bind', path, path);
  mount('-o', 'remount,bind,ro', path);
  let isCovered = true;
  return () => {
    if (isCovered) spawnSync('umount', ['-l', path]);
    isCovered = false;
  };
}

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
