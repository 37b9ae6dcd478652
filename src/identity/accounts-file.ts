// The accounts file as it is written: who there is, with which keys, and where their secrets are. What is made of it is in
// identities.ts, what changes it in edit-accounts.ts; nobody else knows its shape.

import { StartProblem } from '../model/start-problem.ts';
import { readPrivateFile, type Holder } from '../ambient/private-file.ts';
import { readYaml, withoutContent } from '../settings/read-yaml.ts';
import { dirname, resolve } from 'node:path';

/** An accounts file that cannot be used, or cannot be changed as asked; the message is one line and holds no secret. */
export class AccountsProblem extends StartProblem {}

export const SECRET_CHARACTERS_MIN = 8;

/** A secret where it lies: in the file itself, in a file beside it, or sealed by the gateway that uses it. */
export type SecretPlace =
  { readonly secret: string } | { readonly secretFile: string } | { readonly sealedSecret: string };

export interface KeyEntry {
  readonly id: string;
  readonly place: SecretPlace;
  /** The IAM user whose key it is; undefined for the account's root. */
  readonly user: string | undefined;
  readonly policies: readonly unknown[];
  readonly disabled: boolean;
  /** The moment in real time from which it is refused. */
  readonly until: string | undefined;
}

/** What calls to backends are signed with. */
export interface BackendEntry {
  /** The name of the role whose calls they are for, its path with it; undefined for those of every other call. */
  readonly role: string | undefined;
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  readonly place: SecretPlace;
}

export interface AccountEntry {
  readonly id: string;
  readonly name: string | undefined;
  readonly operator: boolean;
  readonly disabled: boolean;
  readonly keys: readonly KeyEntry[];
  readonly policies: readonly unknown[];
  readonly backendCredentials: readonly BackendEntry[];
}

export interface AccountsFile {
  readonly path: string;
  readonly accounts: readonly AccountEntry[];
  readonly sharedOwners: readonly (readonly string[])[];
}

type Zod = (typeof import('zod'))['z'];

/** What the file holds; zod is loaded when there is one. */
function accountsSchema(z: Zod) {
  const policies = z.array(z.unknown()).min(1).default([]);
  const secrets = {
    secret: z.string().min(SECRET_CHARACTERS_MIN).optional(),
    secretFile: z.string().min(1).optional(),
    sealedSecret: z.base64().optional(),
  };
  const hasOnePlace = (entry: Readonly<Record<string, unknown>>) =>
    Object.keys(secrets).filter((name) => entry[name] !== undefined).length === 1;
  const onePlace = `has exactly one of ${Object.keys(secrets).join(', ')}`;
  const key = z
    .strictObject({
      id: z.string().min(3),
      ...secrets,
      user: z
        .string()
        .regex(/^[\w+=,.@-]{1,64}$/, 'a user is named by up to 64 letters, digits and +=,.@-_')
        .optional(),
      policies,
      disabled: z.boolean().default(false),
      until: z.iso.datetime().optional(),
    })
    .refine(hasOnePlace, `an access key ${onePlace}`);
  const bound = z
    .strictObject({
      role: z
        .string()
        .regex(/^[\w+=,.@/-]{1,512}$/, 'a role is named by letters, digits and +=,.@/-_')
        .optional(),
      accessKeyId: z.string().min(3),
      sessionToken: z.string().min(1).optional(),
      ...secrets,
    })
    .refine(hasOnePlace, `a pair of credentials ${onePlace}`);
  const isEachOnce = (entries: readonly { role?: string | undefined }[]) =>
    new Set(entries.map(({ role }) => role)).size === entries.length;
  const backendCredentials = z
    .union([bound.transform((one) => [one]), z.array(bound).refine(isEachOnce, 'a role has one pair of credentials')])
    .default([]);
  const account = z.strictObject({
    id: z.string().regex(/^\d{12}$/, 'an account id is 12 digits, in quotes'),
    name: z.string().optional(),
    operator: z.boolean().default(false),
    disabled: z.boolean().default(false),
    keys: z.array(key).min(1),
    policies,
    backendCredentials,
  });
  const groupsOfOwners = z.array(z.array(account.shape.id).min(2)).default([]);
  return z.strictObject({ accounts: z.array(account).min(1), sharedOwners: groupsOfOwners });
}

/** The text of the file at `path`, which nobody else may read: who can change it makes himself an operator. Throws AccountsProblem. */
export function readAccountsText(path: string, holder: Holder = 'self'): string {
  return readOwn(path, `--accounts ${path}: `, '--accounts ', holder);
}

/** What the two problems that a file can have begin with. */
function readOwn(file: string, unreadable: string, exposed: string, holder?: Holder): string {
  let read: ReturnType<typeof readPrivateFile>;
  try {
    read = readPrivateFile(file, holder);
  } catch (error) {
    // The system's own words repeat the path.
    throw new AccountsProblem(`${unreadable}${(error as NodeJS.ErrnoException).code}`);
  }
  if (read.exposure !== undefined) throw new AccountsProblem(`${exposed}${read.exposure}`);
  return read.content;
}

/** `text` as the file at `path` holds it, or will. Throws AccountsProblem. */
export async function parseAccounts(path: string, text: string): Promise<AccountsFile> {
  const { z } = await import('zod');
  let content: unknown;
  try {
    content = await readYaml(text);
  } catch (error) {
    throw new AccountsProblem(`--accounts ${path}: ${(error as Error).message}`);
  }
  const parsed = accountsSchema(z).safeParse(content);
  if (!parsed.success) {
    const words = z.prettifyError({ issues: withoutContent(parsed.error.issues) });
    throw new AccountsProblem(`--accounts ${path}: ${words.replaceAll('\n', ' ')}`);
  }
  const { accounts, sharedOwners } = parsed.data;
  const keyIds = accounts.flatMap(({ keys }) => keys.map(({ id }) => id));
  const twice = keyIds.find((id, at) => keyIds.indexOf(id) !== at);
  if (twice !== undefined) throw new AccountsProblem(`--accounts ${path}: the access key ${twice} is listed twice.`);
  return {
    path,
    sharedOwners,
    accounts: accounts.map(({ name, keys, backendCredentials: given, ...account }) => ({
      ...account,
      name,
      keys: keys.map(({ user, until, ...key }) => ({ ...key, user, until, place: placeOf(key) })),
      backendCredentials: given.map(({ role, accessKeyId, sessionToken, ...places }) => ({
        role,
        accessKeyId,
        sessionToken,
        place: placeOf(places),
      })),
    })),
  };
}

interface Places {
  readonly secret?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly sealedSecret?: string | undefined;
}

function placeOf({ secret, secretFile, sealedSecret }: Places): SecretPlace {
  if (secret !== undefined) return { secret };
  return secretFile !== undefined ? { secretFile } : { sealedSecret: sealedSecret! };
}

/** What is no path by its looks may be the secret itself, in the wrong place. */
function shownFile(secretFile: string): string {
  return /^\.{0,2}\/|\.[a-z]{2,6}$/.test(secretFile) ? secretFile : '(not shown)';
}

/** Opens what a gateway sealed for an access key. Throws when it did not. */
export type Unseal = (sealedSecret: string, accessKeyId: string) => string;

/** The secret itself. Throws AccountsProblem. */
export function readSecret(path: string, accessKeyId: string, place: SecretPlace, unseal: Unseal): string {
  if ('secret' in place) return place.secret;
  if ('sealedSecret' in place) {
    try {
      return unseal(place.sealedSecret, accessKeyId);
    } catch {
      throw new AccountsProblem(
        `--accounts ${path}: the sealed secret of ${accessKeyId} was not sealed by this gateway's data directory for this key. ` +
          `Make a new key: sallyport accounts rotate ${accessKeyId}.`,
      );
    }
  }
  const { secretFile } = place;
  const file = resolve(dirname(path), secretFile);
  const who = `--accounts ${path}: the secret file`;
  const secret = readOwn(file, `${who} ${shownFile(secretFile)} of ${accessKeyId} cannot be read: `, `${who} `).trim();
  if (secret.length >= SECRET_CHARACTERS_MIN) return secret;
  throw new AccountsProblem(
    `${who} ${shownFile(secretFile)} has ${secret.length} characters, at least ${SECRET_CHARACTERS_MIN} are needed.`,
  );
}
