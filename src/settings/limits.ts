// What each bound is on this server: the value of the table, or the one that its operator set. The only place that rooms ask.

import { assert } from '../model/faults.ts';
import { LIMITS } from './limit-table.ts';

export type LimitName = keyof typeof LIMITS;

const values: Record<LimitName, number> = Object.fromEntries(
  Object.entries(LIMITS).map(([name, { value }]) => [name, value]),
) as Record<LimitName, number>;

/** The value of a bound on this server. Read where it is used: rooms that read it while they load are loaded after `adjustLimits`. */
export function limit(name: LimitName): number {
  return values[name];
}

/** What is true of the bounds among themselves, whatever their values. */
const RELATIONS: readonly (readonly [less: LimitName, more: LimitName, why: string])[] = [
  ['frameBytesMax', 'messageBytesMax', 'a frame fits in a message'],
  ['messageBytesMax', 'sendQueueBytesMax', 'a message fits in the send queue'],
  ['idleTimeoutMs', 'connectionLifetimeMs', 'idle ends before life'],
  ['functionAgeMsMax', 'functionSessionMs', 'a process ends before its credentials'],
  ['logFileWaitingBytesMax', 'logWaitingBytesMax', 'what waits of one file waits with the others'],
  ['integrationTimeoutMsMin', 'integrationTimeoutMsMax', 'a shortest time-out is not the longest'],
];

/**
 * Gives bounds of this server values of its own, once, before the rooms are loaded. A sentence says which of them cannot be, and then
 * none is changed.
 */
export function adjustLimits(adjustments: Readonly<Partial<Record<string, number>>>): string | undefined {
  const wanted = { ...values };
  for (const [name, value] of Object.entries(adjustments)) {
    if (!Object.hasOwn(LIMITS, name)) return `there is no limit '${name}'; docs/limits.md lists them`;
    if (!Number.isSafeInteger(value) || value! < 1) return `${name} must be a whole number from 1, and is ${value}`;
    wanted[name as LimitName] = value!;
  }
  const broken = RELATIONS.find(([less, more]) => wanted[less] > wanted[more]);
  if (broken) {
    const [less, more, why] = broken;
    return `${less} (${wanted[less]}) must not exceed ${more} (${wanted[more]}): ${why}`;
  }
  Object.assign(values, wanted);
  return undefined;
}

assert(adjustLimits({}) === undefined, 'the bounds agree with each other');
assert(LIMITS.integrationTimeoutMsMin.value < LIMITS.integrationTimeoutMsMax.value, 'timeouts leave a range');
assert(LIMITS.acmeRequestTimeoutMs.value <= LIMITS.acmeOrderTimeoutMs.value, 'a request ends before its order');
assert(LIMITS.acmePollWaitMsMax.value <= LIMITS.acmeOrderTimeoutMs.value, 'an order is looked at more than once');
assert(LIMITS.smtpTimeoutMs.value <= LIMITS.mailTimeoutMs.value, 'silence is noticed within a delivery');
