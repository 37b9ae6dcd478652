// Our account at the authority: made at first use, for the authority may be away when the gateway starts, and kept as a row with
// its key sealed like any other. One account a directory; another external key identifier makes another account.

import { ids } from '../../ambient/ids.ts';
import type { AcmeAccount } from '../../model/certificate.ts';
import type { AcmeSettings } from '../../settings/settings.ts';
import type { CertificateSource, Store } from '../../store/contract.ts';
import { SERVER_OWNER } from '../local-authority.ts';
import { IssueProblem } from '../issuer.ts';
import type { Sealing } from '../key-ring.ts';
import type { AcmeClient } from './acme-client.ts';
import { AcmeProblem } from './acme-problem.ts';
import { accountKeyOf, newAccountKey, type AccountKey, type Signer } from './jws.ts';

export interface AccountParts {
  readonly client: AcmeClient;
  readonly store: Store;
  readonly certificateSource: CertificateSource;
  readonly keys: Sealing;
  readonly settings: AcmeSettings;
}

export interface AccountKeeper {
  /** The account that orders are placed by. Rejects with an IssueProblem where the operator has something to do first. */
  signer(signal: AbortSignal): Promise<Required<Signer>>;
  /** The authority does not know it any more: it is made again, with the same key, when it is needed next. */
  lose(lost: Required<Signer>): Promise<void>;
}

export function createAccountKeeper(parts: AccountParts): AccountKeeper {
  const { store, settings } = parts;
  let known: Required<Signer> | undefined;
  let finding: Promise<Required<Signer>> | undefined;
  /** Kept between tries: an answer that was lost must not leave an account behind at each. */
  let draft: AccountKey | undefined;

  const find = async (signal: AbortSignal): Promise<Required<Signer>> => {
    const row = await store.view.get('acme-account', settings.directoryUrl);
    const isOurs = row !== undefined && (settings.eab === undefined || row.eabKeyId === settings.eab.keyId);
    if (row !== undefined && isOurs && row.accountUrl !== '')
      return { key: readKey(parts, row.keyPairReference), accountUrl: row.accountUrl };
    const key = row !== undefined && isOurs ? readKey(parts, row.keyPairReference) : (draft ??= await newAccountKey());
    const accountUrl = await register(parts, key, signal);
    await keep(parts, key, accountUrl, row, isOurs);
    draft = undefined;
    return { key, accountUrl };
  };

  return {
    async signer(signal) {
      if (known) return known;
      finding ??= find(signal)
        .then((found) => (known = found))
        .finally(() => (finding = undefined));
      return finding;
    },
    async lose(lost) {
      if (known?.accountUrl !== lost.accountUrl) return;
      known = undefined;
      await store.transact(async (transaction) => {
        const row = await transaction.get('acme-account', settings.directoryUrl);
        if (row?.accountUrl === lost.accountUrl) transaction.put('acme-account', { ...row, accountUrl: '' });
      });
    },
  };
}

async function register({ client, settings }: AccountParts, key: AccountKey, signal: AbortSignal): Promise<string> {
  const { termsOfService, isExternalAccountRequired } = await client.directory(signal);
  if (termsOfService !== undefined && !settings.areTermsAgreed) {
    throw new IssueProblem(
      `the authority has terms of service, ${termsOfService}: agree to them with --acme-agree-terms`,
      { remedy: 'restart with --acme-agree-terms' },
    );
  }
  if (isExternalAccountRequired && settings.eab === undefined) {
    throw new IssueProblem(
      'the authority makes accounts only for those who have one elsewhere: give its key with --acme-eab KID:KEY, or better as SALLYPORT_ACME_EAB',
      { remedy: EAB_REMEDY },
    );
  }
  try {
    return await client.newAccount(key, settings, signal);
  } catch (error) {
    if (!(error instanceof AcmeProblem)) throw error;
    const step = NEXT_STEPS[error.type];
    if (!step) throw error;
    throw new IssueProblem(`${error.message}. ${step.words}`, { cause: error, remedy: step.remedy });
  }
}

const EAB_REMEDY = 'restart with --acme-eab KID:KEY, or with SALLYPORT_ACME_EAB';
const CONTACT = { words: 'Look at --acme-email.', remedy: 'restart with another --acme-email ADDRESS' };

/** What the operator can do about a refusal. */
const NEXT_STEPS: Readonly<Record<string, { readonly words: string; readonly remedy: string }>> = {
  externalAccountRequired: {
    words: 'Give the key of the account elsewhere with --acme-eab KID:KEY.',
    remedy: EAB_REMEDY,
  },
  invalidContact: CONTACT,
  unsupportedContact: CONTACT,
  unauthorized: { words: 'Look at --acme-eab.', remedy: EAB_REMEDY },
};

function readKey({ certificateSource, keys }: AccountParts, reference: string): AccountKey {
  const row = certificateSource.read(reference);
  if (!row) throw new IssueProblem(`the key of the account at the authority, ${reference}, is not in the store`);
  return accountKeyOf(keys.open(row.sealedKey, reference));
}

/** The key goes with the account of before, unless that account has the same key. */
async function keep(
  { store, keys, settings }: AccountParts,
  key: AccountKey,
  accountUrl: string,
  before: AcmeAccount | undefined,
  isSameKey: boolean,
): Promise<void> {
  const { eab, directoryUrl } = settings;
  const reference = isSameKey && before ? before.keyPairReference : ids.keyPair();
  const eabKeyId = eab?.keyId ?? (isSameKey ? before?.eabKeyId : undefined);
  const account: AcmeAccount = {
    ...SERVER_OWNER,
    id: directoryUrl,
    accountUrl,
    keyPairReference: reference,
    ...(eabKeyId === undefined ? {} : { eabKeyId }),
  };
  await store.transact(async (transaction) => {
    transaction.put('acme-account', account);
    if (isSameKey) return;
    const sealedKey = keys.seal(key.pem, reference);
    transaction.putKeyPair({ reference, ...SERVER_OWNER, chainPem: '', sealedKey });
    if (before) transaction.removeKeyPair(before.keyPairReference);
  });
}
