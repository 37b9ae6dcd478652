// Puts the room together: the issuers that are configured, the reconciler over them, and the webhook that is told of trouble. An
// authority of ACME is loaded only where one is configured.

import type { Clock, LifecycleClock } from '../ambient/clock.ts';
import type { Log } from '../observe/log.ts';
import type { Settings } from '../settings/settings.ts';
import type { CertificateSource, Store } from '../store/contract.ts';
import type { AcmeIssuer } from './acme/acme-issuer.ts';
import { clearChallenges } from './clear-challenges.ts';
import type { ValidationServers } from './dns-queries.ts';
import type { Issuer } from './issuer.ts';
import type { KeyRing } from './key-ring.ts';
import type { ListenerCertificateOptions } from './listener-certificates.ts';
import type { LocalAuthority } from './local-authority.ts';
import { createLocalIssuer } from './local-issuer.ts';
import type { Mailer } from './mail/mailer.ts';
import type { AddressProof } from './prove-name.ts';
import { startReconciler, type Reconciler } from './reconciler.ts';
import { createRenewalLeave } from './renewal-leave.ts';
import { createTeller } from './renewal-webhook.ts';
import type { Signing } from './signing.ts';

export interface CertificatesOptions {
  readonly settings: Settings;
  readonly store: Store;
  readonly certificateSource: CertificateSource;
  readonly keys: KeyRing;
  readonly signing: Signing;
  readonly authority: LocalAuthority;
  readonly listeners: ListenerCertificateOptions;
  readonly servers: ValidationServers;
  readonly addressProof: AddressProof;
  readonly mailer: Mailer;
  readonly clock: LifecycleClock;
  readonly realClock: Clock;
  readonly log: Log;
}

export interface Certificates {
  readonly reconciler: Reconciler;
  readonly acme: AcmeIssuer | undefined;
  readonly renewalLeave: ReturnType<typeof createRenewalLeave>;
  /** Ends what is under way; what was not done is begun anew at the next start. */
  close(): Promise<void>;
}

export async function openCertificates(options: CertificatesOptions): Promise<Certificates> {
  const { settings, store, keys, authority, log } = options;
  const local = createLocalIssuer(authority, settings.caaNames, settings.renewBeforeMs);
  const acme = await openAcme(options);
  const issuers: Issuer[] = acme ? [local, acme] : [local];
  await clearChallenges(store);
  const reconciler = await startReconciler({
    ...options,
    issuers: new Map(issuers.map((issuer) => [issuer.name, issuer])),
    teller: createTeller(settings.renewalWebhook, log),
    seal: (keyPem, reference) => keys.seal(keyPem, reference),
    random: Math.random,
    publicAddresses: settings.publicAddresses,
  });
  return {
    reconciler,
    acme,
    renewalLeave: createRenewalLeave(issuers, options.servers),
    async close() {
      // Before the reconciler is waited for: an order that is under way ends at once.
      await acme?.close();
      await reconciler.stop();
    },
  };
}

async function openAcme(options: CertificatesOptions): Promise<AcmeIssuer | undefined> {
  const { settings } = options;
  if (!settings.acme) return undefined;
  const { openAcmeIssuer } = await import('./acme/open-acme-issuer.ts');
  const acme = openAcmeIssuer({ ...options, settings: settings.acme, isHttpServed: settings.http.length > 0 });
  // Not waited for: it may be away, and names of its certificates are served all the same.
  void acme.greet();
  return acme;
}
