// GetSessionToken: temporary credentials of the caller, with what the caller's key may do, until the key or they themselves end.

import { Fault } from '../../../model/faults.ts';
import type { Operation } from '../operation.ts';

const DURATION_SECONDS_DEFAULT = 43_200;

export const getSessionToken: Operation<'sts', 'GetSessionToken'> = async (
  { DurationSeconds: durationSeconds = DURATION_SECONDS_DEFAULT, SerialNumber: device },
  { caller },
  { sessions, realClock },
) => {
  // Else a session could outlive its end for ever.
  if (caller.isSession)
    throw new Fault('AccessDeniedException', 'Cannot call GetSessionToken with session credentials', {
      step: 'operation',
    });
  if (device !== undefined) {
    const text = `There are no MFA devices here: leave out SerialNumber ${device.slice(0, 64)} and TokenCode.`;
    throw new Fault('AccessDeniedException', text, { step: 'operation' });
  }
  // Whole seconds, which is what clients read.
  const untilMs = Math.floor(realClock.now() / 1_000) * 1_000 + durationSeconds * 1_000;
  const { accessKeyId, secret, sessionToken } = sessions.issue(caller.accessKeyId, untilMs);
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secret,
      SessionToken: sessionToken,
      Expiration: new Date(untilMs),
    },
  };
};
