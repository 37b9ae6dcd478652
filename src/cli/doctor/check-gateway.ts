// The gateway itself: whether one answers, what its parts say of themselves, and whether its clock and its version are those of this
// command.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { limit } from '../../settings/limits.ts';
import { readVersion } from '../../settings/version.ts';
import { note, problem, well, type Check, type Finding, type Patient } from './finding.ts';

const GATEWAY = 'gateway';
/** What the whole seconds of a Date header and a busy machine explain. */
const SKEW_TOLD_MS = 5_000;
const SECOND_MS = 1_000;

export const gatewayCheck: Check = {
  name: GATEWAY,
  look(patient) {
    const { gateway, options, settings } = patient;
    if (!gateway) return [nobody(patient)];
    const own = readVersion();
    const found: Finding[] = [];
    if (gateway.version === own) found.push(well(GATEWAY, `${options.endpoint} answers, version ${own}`));
    else {
      const text = `${options.endpoint} answers with version ${gateway.version}, and this command is ${own}`;
      found.push(note(GATEWAY, text, 'use the command of the version that runs, or restart the gateway with this one'));
    }
    if (gateway.untold !== undefined) {
      const next = settings.accountsFile === undefined ? '' : ' of the accounts file';
      found.push(
        note(
          GATEWAY,
          `told less than an operator is: ${gateway.untold}`,
          `set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key of an operator's account${next}`,
        ),
      );
    }
    return [...found, ...partsOf(patient)];
  },
};

function nobody({ options, settings }: Patient): Finding {
  const lock = join(settings.dataDir, 'lock.db');
  if (!existsSync(lock))
    return well(GATEWAY, `none has run here yet (no ${settings.dataDir}); sallyport serve starts one`);
  if (isLocked(lock)) {
    const text = `nobody answers at ${options.endpoint}, and a gateway holds ${settings.dataDir}`;
    return problem(
      GATEWAY,
      text,
      'give its control port with --endpoint; if that is right, read its log: it starts, hangs or ends',
    );
  }
  return note(GATEWAY, `nobody answers at ${options.endpoint}`, 'start one: sallyport serve; or give --endpoint');
}

/** Whether a gateway holds the directory. Reading is refused while it does; nothing is taken, and nothing is written. */
function isLocked(path: string): boolean {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      database.prepare('SELECT count(*) FROM sqlite_master').get();
      return false;
    } finally {
      database.close();
    }
  } catch (error) {
    return (error as Error).message.includes('locked');
  }
}

function partsOf({ gateway }: Patient): Finding[] {
  const troubled = gateway!.parts.filter(({ state }) => state !== 'ok');
  if (troubled.length === 0) return [well('parts', `all ${gateway!.parts.length} parts of the gateway are well`)];
  return troubled.map(({ part, state, why = 'it says no more to who asks', next }) =>
    problem('parts', `${part} is ${state}: ${why}`, next ?? 'sign as an operator to be told why'),
  );
}

export const clockCheck: Check = {
  name: 'clock',
  async look({ gateway }) {
    const skewMs = Math.abs(gateway?.aheadMs ?? 0);
    if (!gateway || gateway.aheadMs === undefined) return [];
    const seconds = Math.round(gateway.aheadMs / SECOND_MS);
    const which = seconds > 0 ? 'ahead of' : 'behind';
    const text = `the gateway's clock is ${Math.abs(seconds)} s ${which} this machine's`;
    const next = 'set both by NTP: signatures of a clock that is further off are refused';
    if (skewMs >= limit('clockSkewMsMax')) return [problem('clock', text, next)];
    if (skewMs >= SKEW_TOLD_MS) return [note('clock', text, next)];
    return [well('clock', "the gateway's clock and this machine's agree")];
  },
};
