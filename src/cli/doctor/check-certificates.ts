// Certificates: what the gateway says of those of the account, what a client is really shown for the default endpoints and for each
// domain name, and whether this machine trusts the local CA.

import { X509Certificate } from 'node:crypto';
import { connect, getCACertificates, rootCertificates, type PeerCertificate } from 'node:tls';
import { commonName } from '../../protocol/certificate-text.ts';
import { askControl, ControlProblem, readOpenPage } from '../control-client.ts';
import { counted } from '../terminal.ts';
import { note, problem, well, type Check, type Finding, type Patient } from './finding.ts';
import { allOf, untold } from './pages.ts';
import { boundOf, reachable } from './asked-gateway.ts';

const HANDSHAKE_TIMEOUT_MS = 5_000;
/** So many domain names are shaken hands for: the rest is told by the gateway alone. */
const NAMES_MAX = 50;
const AT_ONCE = 8;
/** What a wildcard stands for. */
const SOME_LABEL = 'doctor';

interface Certificate {
  readonly names: readonly string[];
  readonly arn: string;
  readonly isWell: boolean;
  readonly notAfter?: string;
  readonly daysLeft?: number;
  readonly cause?: string;
  readonly next?: string;
}

export const certificatesCheck: Check = {
  name: 'certificates',
  async look(patient) {
    const told = await allOf<Certificate>(patient, '/_sallyport/certificates', 'certificates');
    if ('untold' in told) return untold('certificates', told.untold);
    const bad = told.items.filter(({ isWell }) => !isWell);
    if (bad.length > 0)
      return bad.map(({ names, cause = 'it needs a hand', next }) =>
        problem('certificates', `${names[0]}: ${cause}`, next ?? `sallyport certificates show ${names[0]}`),
      );
    const dated = told.items.filter(({ notAfter }) => notAfter !== undefined);
    const [first] = dated.sort((one, other) => (one.notAfter! < other.notAfter! ? -1 : 1));
    if (!first) return [];
    const next = `the next ends in ${counted(first.daysLeft ?? 0, 'day')} (${first.names[0]}, ${first.notAfter!.slice(0, 10)})`;
    return [well('certificates', `${counted(dated.length, 'certificate')}, ${next}`)];
  },
};

export const shownCheck: Check = {
  name: 'tls',
  async look(patient) {
    const { gateway, settings } = patient;
    const [address] = (gateway && (boundOf(gateway, 'tls') ?? settings.tls)) ?? [];
    if (!address || address.port === 0) return [];
    const place = reachable(address);
    const told = await allOf<{ domainName: string }>(patient, '/_sallyport/domains', 'domains');
    const names = 'untold' in told ? [] : told.items.map(({ domainName }) => domainName);
    const asked = names.slice(0, NAMES_MAX).map((name) => name.replace(/^\*/, SOME_LABEL));
    const looking = { place, roots: await rootsOf(patient), nowMs: await lifecycleNow(patient) };
    const found = [await shown('', looking)];
    for (let first = 0; first < asked.length; first += AT_ONCE)
      found.push(...(await Promise.all(asked.slice(first, first + AT_ONCE).map((name) => shown(name, looking)))));
    const bad = found.filter(({ state }) => state !== 'well');
    if (bad.length > 0) return bad;
    const others = asked.length === 0 ? '' : `, and for ${counted(asked.length, 'domain name')} its own`;
    return [well('tls', `${found[0]!.found}${others}`)];
  },
};

interface Looking {
  readonly place: { readonly host: string; readonly port: number };
  readonly roots: readonly string[];
  readonly nowMs: number;
}

/** One handshake, as a client makes it; without a server name for `''`. */
async function shown(serverName: string, { place, roots, nowMs }: Looking): Promise<Finding> {
  const who = serverName === '' ? 'the default endpoints' : serverName;
  const next = serverName === '' ? 'read the log of the gateway' : `sallyport explain wss://${serverName}/`;
  const socket = connect({
    ...place,
    ...(serverName === '' ? {} : { servername: serverName }),
    ca: [...roots],
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  try {
    const leaf = await new Promise<PeerCertificate>((resolve, reject) => {
      socket.once('error', reject).once('secureConnect', () => resolve(socket.getPeerCertificate()));
      socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => reject(new Error(`no TLS within ${HANDSHAKE_TIMEOUT_MS} ms`)));
    });
    const certificate = new X509Certificate(leaf.raw);
    const endsAtMs = certificate.validToDate.getTime();
    const date = certificate.validToDate.toISOString().slice(0, 10);
    if (endsAtMs <= nowMs) return problem('tls', `the certificate that is shown for ${who} ended on ${date}`, next);
    if (serverName !== '' && certificate.checkHost(serverName) === undefined)
      return problem(
        'tls',
        `the certificate that is shown for ${who} is for ${(certificate.subjectAltName ?? '').slice(0, 100)}`,
        next,
      );
    if (!socket.authorized)
      return problem(
        'tls',
        `the certificate that is shown for ${who} is not trusted: ${String(socket.authorizationError)}`,
        next,
      );
    return well('tls', `the default endpoints show a certificate until ${date}`);
  } catch (error) {
    return problem('tls', `there is no TLS for ${who}: ${(error as Error).message}`, next);
  } finally {
    socket.destroy();
  }
}

/** Public ones, those of this machine, and the local CA's own. */
async function rootsOf({ options }: Patient): Promise<readonly string[]> {
  const own = await readOpenPage(options, '/_sallyport/ca.pem');
  return [...rootCertificates, ...getCACertificates('system'), ...getCACertificates('extra'), own];
}

/** Certificates end by the gateway's clock, which a rehearsal moves. */
async function lifecycleNow({ options }: Patient): Promise<number> {
  try {
    return Date.parse(((await askControl(options, '/_sallyport/clock')) as { now: string }).now);
  } catch (error) {
    if (error instanceof ControlProblem) return Date.now();
    throw error;
  }
}

export const trustCheck: Check = {
  name: 'trust',
  async look({ gateway, options }) {
    if (!gateway) return [];
    const root = new X509Certificate(await readOpenPage(options, '/_sallyport/ca.pem'));
    const has = (pems: readonly string[]) =>
      pems.some((pem) => new X509Certificate(pem).fingerprint256 === root.fingerprint256);
    const subject = commonName(root.subject);
    if (has(getCACertificates('extra')))
      return [well('trust', `Node on this machine trusts ${subject} (NODE_EXTRA_CA_CERTS)`)];
    if (has(getCACertificates('system')))
      return [well('trust', `this machine trusts ${subject}; Node does with --use-system-ca`)];
    const next = 'needed for certificates of the local CA alone: sallyport trust says how clients are given it';
    return [note('trust', `this machine does not trust ${subject}`, next)];
  },
};
