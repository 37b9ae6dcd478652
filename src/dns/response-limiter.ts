// Response rate limiting: whoever sends questions in another's name would have that other flooded with answers. So one network gets
// only so many responses of one kind a second over UDP; of those beyond, every second one is sent cut, so that a client that did
// ask comes back over TCP, and the others are dropped. Memory is fixed: networks share a table of slots, and one that takes another's
// slot begins anew.

import type { Clock } from '../ambient/clock.ts';
import { ipv6Octets } from '../protocol/record-data/addresses.ts';
import type { AnswerKind } from './packet.ts';

export type Verdict = 'send' | 'cut' | 'drop';

export interface LimiterOptions {
  readonly clock: Clock;
  readonly responsesPerSecondMax: number;
  readonly networksMax: number;
  /** Makes which networks share a slot unforeseeable. */
  readonly seed: number;
}

const KINDS: Readonly<Record<AnswerKind, number>> = { answer: 1, negative: 2, referral: 3, error: 4 };
const IPV6_NETWORK_BYTES = 7;
const FNV_PRIME = 0x0100_0193;

export class ResponseLimiter {
  readonly #options: LimiterOptions;
  /** Of each slot: whose it is, how many responses are left, when that was counted, and how many were held back. */
  readonly #tags: Uint32Array;
  readonly #left: Float64Array;
  readonly #countedAtMs: Float64Array;
  readonly #heldBack: Uint32Array;

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.#tags = new Uint32Array(options.networksMax);
    this.#left = new Float64Array(options.networksMax);
    this.#countedAtMs = new Float64Array(options.networksMax);
    this.#heldBack = new Uint32Array(options.networksMax);
  }

  /** What becomes of a response to an address. */
  judge(address: string, kind: AnswerKind): Verdict {
    const { clock, responsesPerSecondMax, networksMax, seed } = this.#options;
    const network = `${KINDS[kind]} ${networkOf(address)}`;
    const slot = hash(network, seed) % networksMax;
    // Never 0, which is nobody's.
    const tag = (hash(network, seed ^ FNV_PRIME) | 1) >>> 0;
    const nowMs = clock.now();
    if (this.#tags[slot] === tag) {
      const earned = (Math.max(nowMs - this.#countedAtMs[slot]!, 0) / 1_000) * responsesPerSecondMax;
      this.#left[slot] = Math.min(responsesPerSecondMax, this.#left[slot]! + earned);
    } else {
      this.#tags[slot] = tag;
      this.#left[slot] = responsesPerSecondMax;
      this.#heldBack[slot] = 0;
    }
    this.#countedAtMs[slot] = nowMs;
    if (this.#left[slot]! >= 1) {
      this.#left[slot]! -= 1;
      return 'send';
    }
    this.#heldBack[slot]! += 1;
    return this.#heldBack[slot]! % 2 === 0 ? 'cut' : 'drop';
  }
}

/** `192.0.2.0/24`, or the first 56 bits of an IPv6 address. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
  // A link-local address comes with its interface.
  const octets = ipv6Octets(address.replace(/%.*$/, '')) ?? new Uint8Array();
  return `${Buffer.from(octets).toString('hex', 0, IPV6_NETWORK_BYTES)}/56`;
}

/** What comes from the machine itself was not sent in another's name. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** FNV-1a. */
function hash(text: string, seed: number): number {
  let value = (0x811c_9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), FNV_PRIME);
  return (value ^ (value >>> 15)) >>> 0;
}
