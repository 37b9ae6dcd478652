// What a custom domain name may be, and what its configuration may hold (custom-domains 1.3, 1.6, 1.9, 1.10).

import { CHALLENGE_LABEL } from '../../../model/certificate.ts';
import { overlaps } from '../../../model/domain-name.ts';
import type { Identities } from '../../../identity/identities.ts';
import { hostNameProblem, idnaForm } from '../../../protocol/host-name.ts';
import type {
  DomainNameConfiguration,
  MutualTlsAuthenticationInput,
} from '../../../protocol/wire/shapes-apigatewayv2.ts';
import { reference } from '../../../model/kinds.ts';
import type { View } from '../../../store/contract.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { OperationRequest } from '../operation.ts';
import { badRequest } from './find.ts';

/**
 * The name in lower case. Throws BadRequestException for what is not a domain name, with the bound it breaks, and for names that
 * the server gives out itself below its suffix.
 */
export function checkDomainName(sent: string, suffix: string): string {
  if (/[^ -~]/.test(sent)) {
    const idna = idnaForm(sent.replace(/^\*\./, ''));
    const hint = idna === '' ? '' : `; its IDNA form is ${sent.startsWith('*.') ? '*.' : ''}${idna}`;
    throw badRequest(
      `Invalid domain name identifier specified: ${sent.slice(0, 300)} (a name is written in ASCII${hint})`,
    );
  }
  const name = sent.toLowerCase();
  if (name.endsWith('.')) throw badRequest('Trailing period should be omitted from domain name');
  const isWildcard = name.startsWith('*.');
  const host = isWildcard ? name.slice(2) : name;
  const problem = hostNameProblem(host) ?? shapeProblem(host) ?? ownNameProblem(host, suffix);
  if (problem !== undefined)
    throw badRequest(`Invalid domain name identifier specified: ${sent.slice(0, 300)} (${problem})`);
  return name;
}

function shapeProblem(host: string): string | undefined {
  if (!host.includes('.')) return 'the name, or what follows *., must have at least two labels';
  if (/^[\d.]+$/.test(host)) return 'an IP address is not a domain name';
  return undefined;
}

/** `….execute-api.{region}.{suffix}` and the like: default endpoints, Regional names, links of mails and challenges are there. */
function ownNameProblem(host: string, suffix: string): string | undefined {
  if (!host.endsWith(`.${suffix}`)) return undefined;
  const labels = host.slice(0, -suffix.length - 1).split('.');
  const isOwn = labels.at(-2) === 'execute-api' || ['dns', CHALLENGE_LABEL].includes(labels.at(-1)!);
  return isOwn ? `names below ${labels.slice(-2).join('.')}.${suffix} are given out by the server itself` : undefined;
}

interface DomainNameMembers {
  readonly DomainNameConfigurations?: readonly DomainNameConfiguration[] | undefined;
  readonly MutualTlsAuthentication?: MutualTlsAuthenticationInput | undefined;
}

/** The one configuration. Throws BadRequestException for none or several, and for what a WebSocket domain cannot be. */
export function checkConfiguration(input: DomainNameMembers): DomainNameConfiguration {
  const [configuration, ...others] = input.DomainNameConfigurations ?? [];
  if (!configuration || others.length > 0) throw badRequest('Invalid input. Expected one domain name configuration');
  if (configuration.EndpointType === 'EDGE') {
    throw badRequest(
      'Only REGIONAL domain names can be managed through the API Gateway V2 API. For EDGE domain names, please use the API ' +
        'Gateway V1 API. Also note that only REST APIs can be attached to EDGE domain names.',
    );
  }
  if (configuration.SecurityPolicy === 'TLS_1_0') {
    throw badRequest(
      'Only REGIONAL domain names with a security policy of TLS 1.2 can be managed through the API Gateway V2 API. For TLS 1.0 ' +
        'domain names, please use the API Gateway V1 API to upgrade your security policy to TLS 1.2. Currently, only REST APIs ' +
        'can be attached to a domain name with a security policy of TLS 1.0.',
    );
  }
  refuseUnavailable('a DomainName', {
    MutualTlsAuthentication: input.MutualTlsAuthentication?.TruststoreUri || undefined,
    OwnershipVerificationCertificateArn: configuration.OwnershipVerificationCertificateArn,
  });
  return configuration;
}

/**
 * Throws when the name is taken, or when a name of another account and this one could answer for the same host, unless the
 * operator recorded one owner for both. Names are unique in the whole server, so other regions count too.
 */
export async function checkIsFree(
  view: View,
  request: OperationRequest,
  name: string,
  identities: Identities,
): Promise<void> {
  if (await view.get('domain-name', name)) throw badRequest('The domain name you provided already exists.');
  const parent = name.slice(name.indexOf('.') + 1);
  const neighbours = name.startsWith('*.')
    ? await view.referring('domain-name', reference.namesBelow(parent))
    : [await view.get('domain-name', `*.${parent}`)];
  const rival = neighbours.find(
    (other) =>
      other && !identities.sharesOwner(other.account, request.caller.account) && overlaps(other.domainName, name),
  );
  // Whose name it is stays unsaid: one account learns nothing of another's.
  if (rival) throw badRequest(`The domain name ${name} conflicts with a domain name of another account.`);
}
