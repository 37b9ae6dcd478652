// Puts the issuer of ACME together. Loaded only where an authority is configured, and it asks the authority nothing yet.

import { StartProblem } from '../../model/start-problem.ts';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '../../ambient/clock.ts';
import type { Log } from '../../observe/log.ts';
import type { AcmeSettings } from '../../settings/settings.ts';
import type { CertificateSource, Store } from '../../store/contract.ts';
import type { Sealing } from '../key-ring.ts';
import type { Signing } from '../signing.ts';
import { createAccountKeeper } from './acme-account.ts';
import { createAcmeBudget } from './acme-budget.ts';
import { AcmeClient } from './acme-client.ts';
import { createAcmeIssuer, type AcmeIssuer } from './acme-issuer.ts';
import { createAcmeTransport } from './acme-transport.ts';

export interface AcmeParts {
  readonly store: Store;
  readonly certificateSource: CertificateSource;
  readonly keys: Sealing;
  readonly signing: Signing;
  readonly realClock: Clock;
  readonly log: Log;
  readonly settings: AcmeSettings;
  /** Whether the listener of `--http` is there. */
  readonly isHttpServed: boolean;
}

/** A file of --acme-ca that cannot be used; the message is one line. */
export class AcmeCaProblem extends StartProblem {}

/** Reads --acme-ca at once, so that a bad file stops the start. Throws AcmeCaProblem. */
export function openAcmeIssuer(parts: AcmeParts): AcmeIssuer {
  const { store, settings, realClock } = parts;
  const { caFile, directoryUrl } = settings;
  const transport = createAcmeTransport(caFile === undefined ? undefined : readCa(caFile));
  const client = new AcmeClient(transport, directoryUrl, realClock);
  const budget = createAcmeBudget({ store, settings, realClock });
  const accounts = createAccountKeeper({ ...parts, client });
  return createAcmeIssuer({ ...parts, client, budget, accounts, transport });
}

function readCa(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    // Certificates that cannot be read would be left out without a word.
    void new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new AcmeCaProblem(`--acme-ca ${file} is not usable: ${(error as Error).message}. Give certificates in PEM.`);
  }
}
