// The accounts file as the operator may have it read anew, and secrets sealed for it: `/_sallyport/accounts/…`. What the file holds is
// told to nobody.

import type { LoadedAccounts } from '../identity/accounts.ts';
import { AccountsProblem } from '../identity/accounts-file.ts';
import {
  jsonAnswer,
  refused,
  requireOperator,
  textMember,
  type OperatorAnswer,
  type OperatorRequest,
  type SigningWorld,
} from './signed-request.ts';

/**
 * What the server does with its accounts file.
 * @port accounts-file
 */
export interface AccountsControl {
  /** Throws AccountsProblem, and then nothing has changed. Undefined where there is no file. */
  reload(): Promise<LoadedAccounts | undefined>;
  readonly sealed: {
    /** In base64; opens on this server alone, for this access key alone. */
    seal(secret: string, accessKeyId: string): string;
  };
}

export interface AccountsWorld extends SigningWorld {
  readonly accounts: AccountsControl;
}

/** Which file was read, its digest, and how many accounts and keys it has. */
export async function reloadAccounts(request: OperatorRequest, world: AccountsWorld): Promise<OperatorAnswer> {
  requireOperator(request, world);
  let loaded: LoadedAccounts | undefined;
  try {
    loaded = await world.accounts.reload();
  } catch (error) {
    if (!(error instanceof AccountsProblem)) throw error;
    throw refused(`The accounts stay as they were: ${error.message}`);
  }
  if (loaded) return jsonAnswer(200, loaded);
  throw refused('This server has no accounts file: it was started without --accounts.');
}

/** A secret, sealed for an access key: what `sealedSecret` in the accounts file may be. */
export function sealSecret(request: OperatorRequest, world: AccountsWorld): OperatorAnswer {
  requireOperator(request, world);
  const accessKeyId = textMember(request, 'accessKeyId', 'AKIA…');
  const secret = textMember(request, 'secret', '…');
  return jsonAnswer(200, { sealedSecret: world.accounts.sealed.seal(secret, accessKeyId) });
}
