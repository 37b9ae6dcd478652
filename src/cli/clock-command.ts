// `sallyport clock`: lifecycle time beside real time, and how far it is ahead; and moving it forward.

import { parseDurationMs, SettingsProblem } from '../settings/read-settings.ts';
import { CommandProblem } from './command-problem.ts';
import { askControl, tellControl, type ControlOptions } from './control-client.ts';

interface Times {
  readonly now: string;
  readonly real: string;
  readonly aheadMs: number;
  readonly isMovable: boolean;
}

export interface ClockOptions extends ControlOptions {
  readonly json?: boolean;
}

const PAGE = '/_sallyport/clock';
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

export async function clockCommand(options: ClockOptions): Promise<void> {
  printTimes((await askControl(options, PAGE)) as Times, options);
}

/** `45d`, `72h`, `10m`: what is no duration is refused before anybody is asked. */
export async function advanceCommand(duration: string, options: ClockOptions): Promise<void> {
  assertDuration(duration);
  printTimes((await tellControl(options, PAGE, { advance: duration })) as Times, options);
}

function assertDuration(duration: string): void {
  if (/^-\d/.test(duration)) throw new CommandProblem(`clock advance ${duration}: the clock only goes forward.`);
  try {
    parseDurationMs('clock', duration);
  } catch (error) {
    if (!(error instanceof SettingsProblem)) throw error;
    throw new CommandProblem(
      `clock advance: the duration '${duration}' is none. Give a number with a unit: 90s, 10m, 72h or 45d.`,
    );
  }
}

function printTimes({ now, real, aheadMs, isMovable }: Times, { json }: ClockOptions): void {
  if (json) return console.log(JSON.stringify({ now, real, aheadMs, isMovable }, null, 2));
  const ahead = aheadMs > 0 ? `${inWords(aheadMs)} ahead` : 'not moved';
  console.log(`lifecycle  ${now}  (${isMovable ? ahead : 'real: --clock movable lets it be moved'})`);
  console.log(`real       ${real}`);
}

/** Its two largest units: `45d 3h`. */
export function inWords(ms: number): string {
  let left = ms;
  const parts = UNITS.flatMap(([unit, unitMs]) => {
    const count = Math.floor(left / unitMs);
    left -= count * unitMs;
    return count > 0 ? [`${count}${unit}`] : [];
  });
  return parts.length > 0 ? parts.slice(0, 2).join(' ') : `${ms}ms`;
}
