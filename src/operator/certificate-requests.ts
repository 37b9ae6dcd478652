// The pages about certificates: the caller's own, one by one or all, what an authority's limits leave, and renewing one now.

import { importCommand } from './certificate-obstacle.ts';
import type { IssuerBudget } from './certificate-record.ts';
import {
  CERTIFICATES_PAGE_SIZE,
  certificateDetail,
  certificateStates,
  type CertificatesWorld,
} from './certificates.ts';
import {
  jsonAnswer,
  providerAsked,
  queryOf,
  refused,
  requireSigned,
  textMember,
  type OperatorAnswer,
  type OperatorRequest,
  type SigningWorld,
} from './signed-request.ts';

export interface CertificateRequestsWorld extends Omit<CertificatesWorld, 'provider'>, SigningWorld {
  readonly identities: SigningWorld['identities'];
  readonly budget: IssuerBudget;
}

/**
 * All of the caller's by the page (`?after=`), or everything about one (`?arn=`) or about those that cover a name (`?name=`), with its
 * records in the form of a DNS provider (`?provider=`).
 */
export async function listCertificates(
  request: OperatorRequest,
  asked: CertificateRequestsWorld,
): Promise<OperatorAnswer> {
  const world = { ...asked, provider: providerAsked(request) };
  const account = requireSigned(request, world);
  const query = queryOf(request);
  const [arn, name] = [query.get('arn'), query.get('name')];
  if (arn === null && name === null) {
    return jsonAnswer(200, { account, ...(await certificateStates(account, query.get('after') ?? '', world)) });
  }
  const records =
    arn === null
      ? await world.certificates.certificatesFor(account, name!.toLowerCase().replace(/\.$/, ''))
      : [await world.certificates.certificate(account, arn)].filter((record) => record !== undefined);
  if (records.length === 0) throw absent(arn ?? `for ${name}`, account);
  const shown = records.slice(0, CERTIFICATES_PAGE_SIZE);
  return jsonAnswer(200, {
    account,
    certificates: await Promise.all(shown.map((record) => certificateDetail(record, world))),
  });
}

function absent(which: string, account: string) {
  return refused(`There is no certificate ${which.slice(0, 300)} in account ${account}.`, 'NotFoundException');
}

/**
 * What is left of the limits of the authority. They are one for all accounts of the server; which registered domains have certificates
 * is told to nobody who may not know of other accounts.
 */
export async function showBudget(request: OperatorRequest, world: CertificateRequestsWorld): Promise<OperatorAnswer> {
  const account = requireSigned(request, world);
  const lines = await world.budget();
  const { hasOneAccount, isOperator } = world.identities();
  const knowsAll = hasOneAccount || isOperator(account);
  return jsonAnswer(200, { budget: lines?.filter(({ about }) => knowsAll || about === undefined) });
}

/** `{"arn": "…"}`: for a key that must be replaced before its time, which RenewCertificate refuses for public certificates. */
export async function renewCertificate(
  request: OperatorRequest,
  world: CertificateRequestsWorld,
): Promise<OperatorAnswer> {
  const account = requireSigned(request, world);
  const arn = textMember(request, 'arn', 'arn:aws:acm:us-east-1:000000000000:certificate/…');
  const outcome = await world.certificates.renewNow(account, arn, world.nowMs());
  if (outcome === 'begun') return jsonAnswer(200, { arn, renewal: 'PENDING_AUTO_RENEWAL' });
  if (outcome === 'absent') throw absent(arn, account);
  if (outcome === 'imported') {
    const next = importCommand(arn, undefined);
    throw refused(`${arn} is imported, and its key is its owner's: import its successor with ${next}`);
  }
  throw refused(`${arn} is ${outcome}: only a certificate that is ISSUED can be renewed. Request another one.`);
}
