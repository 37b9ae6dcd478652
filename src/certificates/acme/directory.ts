// The directory of an authority: where everything else of it is, and what it says of itself (RFC 8555 7.1.1). Read at first use,
// kept for a day, and read again after trouble.

import type { Clock } from '../../ambient/clock.ts';
import { AcmeProblem, AcmeTrouble, members, oneLine } from './acme-problem.ts';
import type { AcmeTransport } from './acme-transport.ts';
import { parseRetryAfter } from './retry-after.ts';

export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** Absent where the authority has no word about renewals (RFC 9773). */
  readonly renewalInfo: string | undefined;
  readonly termsOfService: string | undefined;
  readonly isExternalAccountRequired: boolean;
  /** What CAA records call it by. */
  readonly caaIdentities: readonly string[];
}

export interface DirectoryReader {
  read(signal: AbortSignal): Promise<Directory>;
  /** After trouble: what it says may have changed. */
  forget(): void;
}

const KEPT_MS = 86_400_000;
const CAA_IDENTITIES_MAX = 20;

export function createDirectoryReader(transport: AcmeTransport, url: string, realClock: Clock): DirectoryReader {
  let kept: { readonly directory: Directory; readonly untilMs: number } | undefined;
  return {
    async read(signal) {
      if (kept && realClock.now() < kept.untilMs) return kept.directory;
      const answer = await transport.send({ method: 'GET', url, signal });
      const document = parseJson(answer.body);
      if (answer.status !== 200) {
        const what = `the directory ${url} cannot be read`;
        throw new AcmeProblem(what, answer.status, document, parseRetryAfter(answer.header('retry-after'), realClock));
      }
      const directory = readDirectory(document, url);
      kept = { directory, untilMs: realClock.now() + KEPT_MS };
      return directory;
    },
    forget() {
      kept = undefined;
    },
  };
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Whoever asked says what is missing in it.
    return undefined;
  }
}

function readDirectory(document: unknown, url: string): Directory {
  const all = members(document);
  const needed = (name: string): string => {
    const value = all[name];
    if (typeof value === 'string') return value;
    throw new AcmeTrouble(`${url} is no directory of ACME: it has no ${name}. Look at --acme-directory.`, {
      remedy: 'restart with the URL of its directory as --acme-directory',
    });
  };
  const meta = members(all['meta']);
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  const identities = Array.isArray(meta['caaIdentities']) ? meta['caaIdentities'] : [];
  const terms = text(meta['termsOfService']);
  return {
    newNonce: needed('newNonce'),
    newAccount: needed('newAccount'),
    newOrder: needed('newOrder'),
    renewalInfo: text(all['renewalInfo']),
    termsOfService: terms && oneLine(terms),
    isExternalAccountRequired: meta['externalAccountRequired'] === true,
    caaIdentities: identities
      .filter((identity): identity is string => typeof identity === 'string' && identity !== '')
      .slice(0, CAA_IDENTITIES_MAX)
      .map((identity) => identity.toLowerCase()),
  };
}
