// The TLS step of `explain`: which certificate terminate would show for the name, and whether a client takes it.

import { isCoveredBy } from '../model/domain-name.ts';
import { awsCommand } from './aws-command.ts';
import { importCommand, obstacleOf, renewalWords, whatItWaitsFor } from './certificate-obstacle.ts';
import {
  bad,
  good,
  regionToName,
  type Asked,
  type ExplainedStep,
  type ExplainWorld,
  type Note,
} from './explain-world.ts';
import { readyFor, useCommand, waitingFor } from './successor.ts';

/** Of a certificate with many names the first of them, so that one look stays bounded. */
const NAMES_LOOKED_AT = 10;

export async function lookAtTls(asked: Asked, world: ExplainWorld): Promise<ExplainedStep> {
  const { host, domain } = asked;
  const shown = world.steps.certificateFor(host);
  if (!shown) {
    const cause = 'not even the default certificate can be shown';
    return bad('tls', 'no certificate', cause, 'look at the log, step terminate');
  }
  const until = new Date(shown.notAfterMs).toISOString().slice(0, 10);
  const found = `${shown.names.join(', ')}, valid until ${until}, chain ${shown.chain.join(' ← ')}, issued by ${shown.issuer}`;
  const certificate = domain ? `the certificate ${domain.certificateArn}` : 'the certificate';
  const isExpired = shown.notAfterMs <= world.nowMs();
  if (!isExpired && isCoveredBy(host, shown.names)) {
    const notes = await renewalNotes(asked, world);
    return notes.length === 0 ? good('tls', found) : { ...good('tls', found), notes };
  }
  const { why, fix } = await nextCertificate(asked, world);
  if (isExpired) return bad('tls', found, `${certificate} expired on ${until}${why}`, fix);
  const cause = domain
    ? `${certificate} does not cover ${host}`
    : `there is no certificate for ${host}; the default one is shown`;
  return bad('tls', found, `${cause}${why}`, fix);
}

/** A certificate that is good today, and whose renewal the records of its zone forbid. */
async function renewalNotes({ domain, account }: Asked, world: ExplainWorld): Promise<readonly Note[]> {
  const record = domain && (await world.certificates.certificate(account, domain.certificateArn));
  if (!record || record.certificate.type === 'IMPORTED') return [];
  const { arn, issuer = 'local', subjectAlternativeNames } = record.certificate;
  const forbidden = await Promise.all(
    subjectAlternativeNames.slice(0, NAMES_LOOKED_AT).map((name) => world.renewalLeave(name, issuer)),
  );
  return [...new Set(forbidden)]
    .filter((found) => found !== undefined)
    .map((found) => ({
      cause: `the renewal of ${arn} will be refused: ${found}`,
      fix: 'add a CAA record that allows one of them, or remove those that are there',
    }));
}

/**
 * Where a certificate that a client takes comes from, and why it is not there yet:
 * 1. a good one of the account's that the domain name does not use;
 * 2. for an imported one its successor;
 * 3. one that is asked for already, with what it waits for;
 * 4. a new one; why the one that is used was not renewed is told.
 */
async function nextCertificate(
  { host, domain, account }: Asked,
  world: ExplainWorld,
): Promise<{ why: string; fix: string }> {
  const name = domain?.domainName ?? host;
  const records = await world.certificates.certificatesFor(account, name);
  const own = records.find(({ certificate }) => certificate.arn === domain?.certificateArn);
  const ready = domain && readyFor(records, domain.region, domain.certificateArn, world.nowMs());
  const region = domain && regionToName(domain.region, world);
  if (ready) return { why: '', fix: useCommand(name, ready.arn, region) };
  if (own?.certificate.type === 'IMPORTED') return { why: '', fix: importCommand(own.certificate.arn, region) };
  const waiting = waitingFor(records, domain?.region);
  if (waiting) {
    const { cause, next } = whatItWaitsFor(waiting, world);
    return { why: `, and ${waiting.certificate.arn} for it is PENDING_VALIDATION: ${cause}`, fix: next };
  }
  const request = awsCommand('acm request-certificate', { 'domain-name': name, 'validation-method': 'DNS' }, region);
  const unrenewed = own && renewalWords(own);
  const fix = (own && obstacleOf(own, world)?.next) ?? request;
  return { why: unrenewed === undefined ? '' : `; ${unrenewed}`, fix };
}
