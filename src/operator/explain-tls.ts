// The TLS step of `explain`: which certificate terminate would show for the name, and whether a client takes it.

import { isCoveredBy } from '../model/domain-name.ts';
import { awsCommand } from './aws-command.ts';
import { bad, good, regionToName, type Asked, type ExplainedStep, type ExplainWorld } from './explain-world.ts';

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
  if (isExpired) return bad('tls', found, `${certificate} expired on ${until}`, await newCertificateFix(asked, world));
  if (isCoveredBy(host, shown.names)) return good('tls', found);
  const cause = domain
    ? `${certificate} does not cover ${host}`
    : `there is no certificate for ${host}; the default one is shown`;
  return bad('tls', found, cause, await newCertificateFix(asked, world));
}

/** Uses a good certificate of the account's where there is one, else asks for one. */
async function newCertificateFix({ host, domain, account }: Asked, world: ExplainWorld): Promise<string> {
  const name = domain?.domainName ?? host;
  const records = await world.records.certificatesFor(account, name);
  const own = records.find(({ arn }) => arn === domain?.certificateArn);
  const ready = records.find(
    ({ status, notAfterMs = 0, arn }) =>
      status === 'ISSUED' && notAfterMs > world.nowMs() && arn !== domain?.certificateArn,
  );
  if (domain && ready && ready.region === domain.region) {
    const configuration = { 'domain-name-configurations': `CertificateArn=${ready.arn}` };
    return awsCommand(
      'apigatewayv2 update-domain-name',
      { 'domain-name': name, ...configuration },
      regionToName(domain.region, world),
    );
  }
  const region = domain && regionToName(domain.region, world);
  if (own?.isImported) {
    const files = { certificate: 'fileb://certificate.pem', 'private-key': 'fileb://key.pem' };
    return awsCommand('acm import-certificate', { 'certificate-arn': own.arn, ...files }, region);
  }
  return awsCommand('acm request-certificate', { 'domain-name': name, 'validation-method': 'DNS' }, region);
}
