// `sallyport trust`: prints the root of the local CA and how clients are given it, or puts it into the stores of this machine and takes
// it out again. Whoever can get certificates from the gateway has power over whoever trusts its root, so it is installed for a
// gateway alone that lets in nobody but by credentials of its own; and every change is shown before it is made.

import { X509Certificate } from 'node:crypto';
import { certificatesIn, commonName } from '../protocol/certificate-text.ts';
import { isLoopback } from '../settings/read-settings.ts';
import { askControl, ControlProblem, NoGatewayProblem, readOpenPage, type ControlOptions } from './control-client.ts';
import { withEndpoint } from './terminal.ts';
import {
  fingerprintOf,
  planTrust,
  TRUST_STORES,
  TrustProblem,
  type Root,
  type TrustAct,
  type TrustPlan,
  type TrustStore,
} from './trust-stores.ts';

export interface TrustOptions extends ControlOptions {
  readonly install?: TrustStore | 'all';
  readonly uninstall?: TrustStore | 'all';
  readonly fingerprint?: string;
  readonly dryRun?: boolean;
}

interface KnownRoot extends Root {
  readonly pem: string;
  readonly certificate: X509Certificate;
}

export async function trustCommand(options: TrustOptions): Promise<void> {
  const { install, uninstall } = options;
  if (install !== undefined && uninstall !== undefined)
    throw new ControlProblem('--install and --uninstall exclude each other.');
  if (install !== undefined) return change('install', install, await rootToInstall(options), options);
  if (uninstall !== undefined) return change('uninstall', uninstall, await rootToUninstall(options), options);
  if (options.dryRun) throw new ControlProblem('--dry-run goes with --install or --uninstall.');
  print(readRoot(await readOpenPage(options, '/_sallyport/ca.pem'), options), options);
}

async function rootToInstall(options: TrustOptions): Promise<Root> {
  const { endpoint, fingerprint } = options;
  const answer = (await askControl(options, '/_sallyport/trust')) as {
    pem: string;
    acceptsDevelopmentCredentials: boolean;
  };
  // Anything but a clear no counts as yes.
  if (answer.acceptsDevelopmentCredentials !== false) {
    throw new ControlProblem(
      `${endpoint} accepts the development credentials, so anybody who reaches it could get certificates that this machine would trust. ` +
        'Start it with --accounts FILE, and sign with a key of that file (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).',
    );
  }
  const { protocol, hostname } = new URL(endpoint);
  if (protocol !== 'https:' && !isLoopback(hostname.replace(/^\[|\]$/g, '')) && fingerprint === undefined) {
    throw new ControlProblem(
      `what ${endpoint} answers could have been changed on its way. Look at the root on the gateway's own machine (sallyport trust), and give its SHA-256 with --fingerprint.`,
    );
  }
  return readRoot(answer.pem, options);
}

/** By its fingerprint alone where that is given: the gateway may be gone. */
async function rootToUninstall(options: TrustOptions): Promise<Root> {
  if (options.fingerprint !== undefined) return { fingerprint: parseFingerprint(options.fingerprint) };
  try {
    return readRoot(await readOpenPage(options, '/_sallyport/ca.pem'), options);
  } catch (error) {
    if (!(error instanceof NoGatewayProblem)) throw error;
    throw new ControlProblem(`${error.message} Or name the root by its SHA-256 with --fingerprint.`);
  }
}

/** Takes one self-signed authority, and what the caller knows of it must fit. */
function readRoot(pem: string, { endpoint, fingerprint: given }: TrustOptions): KnownRoot {
  let certificate: X509Certificate | undefined;
  try {
    const all = certificatesIn(pem);
    if (all.length === 1) [certificate] = all;
  } catch {
    // Said below, as for every answer that is no root.
  }
  if (!certificate?.ca || !certificate.checkIssued(certificate))
    throw new ControlProblem(`${endpoint} answered something else than the root of a local CA.`);
  const fingerprint = fingerprintOf(certificate);
  if (given !== undefined && parseFingerprint(given) !== fingerprint)
    throw new ControlProblem(`the root of ${endpoint} has the SHA-256 ${fingerprint}, not the one of --fingerprint.`);
  // What is installed is what was read, without whatever stood around it.
  return { fingerprint, certificate, pem: certificate.toString() };
}

function parseFingerprint(text: string): string {
  const digits = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  throw new ControlProblem('--fingerprint: expected a SHA-256, 64 hex digits, with or without colons.');
}

/** All plans are made before the first step is shown: what cannot be done at all leaves everything as it was. */
function change(act: TrustAct, wanted: TrustStore | 'all', root: Root, options: TrustOptions): void {
  const stores = wanted === 'all' ? TRUST_STORES : [wanted];
  const plans = stores.map((store) => planFor(store, act, root, options));
  const steps = plans.flatMap((plan) => plan.steps);
  console.log(`root  SHA-256 ${root.fingerprint}`);
  for (const { words } of steps) console.log(`will  ${words}`);
  if (!options.dryRun) {
    for (const step of steps) {
      step.run();
      console.log(`done  ${step.words}`);
    }
  }
  if (steps.length === 0) console.log(act === 'install' ? 'nothing is to be done' : 'nothing to undo');
  for (const note of plans.flatMap((plan) => plan.notes)) console.log(`note  ${note}`);
}

/** What cannot be done says how it could: at the same gateway. */
function planFor(store: TrustStore, act: TrustAct, root: Root, options: TrustOptions): TrustPlan {
  try {
    return planTrust(store, act, root);
  } catch (error) {
    throw error instanceof TrustProblem ? new TrustProblem(withEndpoint(error.message, options)) : error;
  }
}

/** The root on stdout, so that it can be kept; everything else on stderr. */
function print({ pem, certificate }: KnownRoot, options: TrustOptions): void {
  process.stdout.write(pem);
  const date = (at: Date) => at.toISOString().slice(0, 10);
  const { subject, fingerprint256, validFromDate, validToDate } = certificate;
  const hints = `
${commonName(subject)}, valid ${date(validFromDate)} until ${date(validToDate)}
SHA-256 ${fingerprint256}

Keep it, and give it to a client:
  sallyport trust > sallyport-ca.pem
  NODE_EXTRA_CA_CERTS=sallyport-ca.pem node client.js
  curl --cacert sallyport-ca.pem https://…
  ssl.create_default_context(cafile="sallyport-ca.pem")   (Python; requests and boto3: REQUESTS_CA_BUNDLE, AWS_CA_BUNDLE)
or let this machine trust it: sallyport trust --install system|browsers|node|all`;
  console.error(withEndpoint(hints, options));
}
