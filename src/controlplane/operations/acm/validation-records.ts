// What proves each name of a request: the CNAME, in the form of the issuer that signs, and where mail about the name goes
// (custom-domains 5.7, 5.8). Names that no certificate is issued for are told here, too (5.3).

import { createHmac } from 'node:crypto';
import { CHALLENGE_LABEL, type DomainValidation } from '../../../model/certificate.ts';
import type { OperationWorld } from '../operation.ts';
import { provenName } from './validation-output.ts';

const TOKEN_CHARACTERS = 32;
const ZONE_LETTERS = 10;

export interface ProvenBy {
  readonly account: string;
  readonly issuer: string;
  /** Validation domains that were chosen, by name. */
  readonly mailDomains: ReadonlyMap<string, string>;
}

/**
 * Stable for an account and name, the same for a wildcard and the name below it, so that one record serves every later
 * certificate of the issuer. An authority of ACME looks for a record of its own (RFC 8555 8.4), which leads here.
 */
export function validationOf(domainName: string, by: ProvenBy, world: OperationWorld): DomainValidation {
  const proven = provenName(domainName);
  const token = (purpose: string) =>
    createHmac('sha256', world.tokenKey).update(`acm ${purpose} ${by.account} ${proven}`).digest('hex');
  const short = (purpose: string) => token(purpose).slice(0, TOKEN_CHARACTERS);
  const letters = Array.from(token('zone').slice(0, ZONE_LETTERS))
    .map((digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)])
    .join('');
  const record =
    by.issuer === 'acme'
      ? {
          recordName: `_acme-challenge.${proven}.`,
          recordValue: `${short('challenge')}.${CHALLENGE_LABEL}.${world.endpoints.suffix}.`,
        }
      : {
          recordName: `_${short('name')}.${proven}.`,
          recordValue: `_${short('value')}.${letters}.acm-validations.aws.`,
        };
  return {
    domainName,
    status: isRefused(proven) ? 'FAILED' : 'PENDING_VALIDATION',
    validationDomain: by.mailDomains.get(domainName) ?? proven,
    ...record,
  };
}

/** AWS's own names: nobody else proves them, and whoever asks has mistaken a default endpoint for a name of their own. */
const AWS_NAMES = ['amazonaws.com', 'amazonaws.com.cn', 'cloudfront.net', 'elasticbeanstalk.com', 'on.aws', 'api.aws'];
/** Labels with hyphens in third and fourth place are reserved; of those, IDNA uses `xn--` (RFC 5890 2.3.1). */
const RESERVED_LABEL = /^(?!xn--)..--/;

function isRefused(name: string): boolean {
  return (
    AWS_NAMES.some((own) => name === own || name.endsWith(`.${own}`)) ||
    name.split('.').some((label) => RESERVED_LABEL.test(label))
  );
}
