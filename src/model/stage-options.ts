// What a Stage can ask for beyond AWS: by tags of its own that begin with `sallyport:`, so that every tool that can tag can set them. They
// count for sockets that are open already, from the next look at one.

/**
 * What error frames say beside AWS's members: nothing; a messageId, and a reason that holds nothing of the backend's; or the reason as
 * the logs have it.
 */
export type ErrorDetail = 'off' | 'safe' | 'full';
export const ERROR_DETAILS: readonly ErrorDetail[] = ['off', 'safe', 'full'];

export interface StageOptions {
  /** `serial`: the messages of a connection run one after the other, and are answered in that order. */
  readonly messageOrder: 'concurrent' | 'serial';
  /** Undefined for the server's own. */
  readonly idleTimeoutMs: number | undefined;
  readonly connectionLifetimeMs: number | undefined;
  /** How often a client is pinged; one that did not answer by the next ping is ended. Undefined for never. */
  readonly pingIntervalMs: number | undefined;
  /** How long before its lifetime ends a client is told by a message. Undefined for not at all. */
  readonly closingNoticeMs: number | undefined;
  /** Undefined for the server's own. */
  readonly errorDetail: ErrorDetail | undefined;
}

export const NO_OPTIONS: StageOptions = {
  messageOrder: 'concurrent',
  idleTimeoutMs: undefined,
  connectionLifetimeMs: undefined,
  pingIntervalMs: undefined,
  closingNoticeMs: undefined,
  errorDetail: undefined,
};

export const OPTION_PREFIX = 'sallyport:';
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const UNITS_MS: Readonly<Record<string, number>> = { s: SECOND_MS, m: 60_000, h: 3_600_000, d: DAY_MS };

/** The options that are times, and the shortest and longest that they may be. */
const TIMES = {
  'idle-timeout': { member: 'idleTimeoutMs', minMs: SECOND_MS, maxMs: DAY_MS },
  'connection-lifetime': { member: 'connectionLifetimeMs', minMs: SECOND_MS, maxMs: 30 * DAY_MS },
  'ping-interval': { member: 'pingIntervalMs', minMs: SECOND_MS, maxMs: 3_600_000 },
  'closing-notice': { member: 'closingNoticeMs', minMs: SECOND_MS, maxMs: DAY_MS },
} as const;
const NAMES = ['message-order', 'error-detail', ...Object.keys(TIMES)];

/** The options among the tags, or a sentence that says which of them cannot be. */
export function readStageOptions(tags: Readonly<Record<string, string>>): StageOptions | { readonly problem: string } {
  let options = NO_OPTIONS;
  for (const [tag, value] of Object.entries(tags)) {
    if (!tag.startsWith(OPTION_PREFIX)) continue;
    const name = tag.slice(OPTION_PREFIX.length);
    if (name === 'message-order') {
      if (value !== 'concurrent' && value !== 'serial')
        return { problem: `${tag} is concurrent or serial, and not '${value.slice(0, 64)}'.` };
      options = { ...options, messageOrder: value };
    } else if (name === 'error-detail') {
      const errorDetail = ERROR_DETAILS.find((one) => one === value);
      if (!errorDetail) return { problem: `${tag} is off, safe or full, and not '${value.slice(0, 64)}'.` };
      options = { ...options, errorDetail };
    } else if (Object.hasOwn(TIMES, name)) {
      const { member, minMs, maxMs } = TIMES[name as keyof typeof TIMES];
      const ms = readTime(value);
      if (ms === undefined || ms < minMs || ms > maxMs) {
        const bounds = `from ${minMs / SECOND_MS}s to ${maxMs / SECOND_MS}s`;
        return { problem: `${tag} is a time ${bounds}, like 90s, 15m or 2h, and not '${value.slice(0, 64)}'.` };
      }
      options = { ...options, [member]: ms };
    } else
      return {
        problem: `There is no option '${tag.slice(0, 128)}'. There are: ${NAMES.map((one) => OPTION_PREFIX + one).join(', ')}.`,
      };
  }
  return options;
}

/** `90s`, `15m`, `2h`, `1d`, or seconds without a unit. */
function readTime(text: string): number | undefined {
  const [, count, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * UNITS_MS[unit]!;
}
