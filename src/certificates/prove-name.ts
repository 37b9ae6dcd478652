// Whether one name of a certificate may be issued for, now: by its record, by the approval of a mail, or, for an authority that
// looks for itself, by where the name leads; and not against its CAA records.

import type { Certificate, DomainValidation, NameProgress } from '../model/certificate.ts';
import { lookAtCaa } from './caa.ts';
import { diagnose } from './diagnose.ts';
import { wordsOf, type DnsQueries, type ValidationServers } from './dns-queries.ts';
import type { Issuer, Proof } from './issuer.ts';
import type { Slots } from './slots.ts';
import { validateName, type Lookup } from './validate-name.ts';

/**
 * Whether a name that leads to this server is the account's: with several accounts on one server it may be another's.
 * @port address-proof
 */
export interface AddressProof {
  isOwner(account: string): boolean;
}

export interface ProvingWorld {
  readonly servers: ValidationServers;
  readonly queriesOf: (servers: readonly string[]) => DnsQueries;
  /** What names of ours resolve to. */
  readonly publicAddresses: readonly string[];
  readonly addressProof: AddressProof;
  readonly looks: Slots;
  readonly diagnoses: Slots;
}

export interface Proving {
  readonly domainName: string;
  readonly proof: Proof | undefined;
  /** What the last question found; undefined for a name that is proven. */
  readonly progress: NameProgress | undefined;
  /** True when CAA records forbid it, which trying again does not change. */
  readonly isForbidden: boolean;
}

export async function proveName(
  certificate: Certificate,
  validation: DomainValidation,
  issuer: Issuer,
  caaNames: readonly string[],
  world: ProvingWorld,
): Promise<Proving> {
  const { account } = certificate;
  const { domainName } = validation;
  const found = await world.looks.run(account, () => proofOf(certificate, validation, issuer, world));
  if (found.proof === undefined) return unproven(certificate, validation, found, world);
  const { proof } = found;
  const caa = await world.looks.run(account, () => lookAtCaa(domainName, caaNames, world));
  if (!caa) return { domainName, proof, progress: undefined, isForbidden: false };
  const bareName = domainName.replace(/^\*\./, '');
  const server = world.queriesOf(world.servers.serversFor(`${bareName}.`)).server;
  const look = { domainName, lookedUp: `${bareName} CAA`, server, found: caa.found };
  const advice = `add a CAA record with issue "${caaNames[0]}", or remove those that are there`;
  return {
    domainName,
    proof: undefined,
    progress: caa.isForbidden ? { ...look, advice, caaName: caaNames[0]! } : look,
    isForbidden: caa.isForbidden,
  };
}

/** What was found in place of a proof, and what mends it. Looking for mistakes takes many questions, so it has places of its own. */
async function unproven(
  { account }: Certificate,
  validation: DomainValidation,
  { progress, lookup }: Extract<Found, { readonly proof: undefined }>,
  { servers, queriesOf, diagnoses }: ProvingWorld,
): Promise<Proving> {
  const { domainName, recordName } = validation;
  const look = () =>
    lookup &&
    diagnose(validation, lookup, account, servers.zonesAbove(recordName), queriesOf(servers.serversFor(recordName)));
  const advice = await diagnoses.run(account, async () => look());
  const told = advice === undefined ? progress : { ...progress, advice };
  return { domainName, proof: undefined, progress: told, isForbidden: false };
}

type Found =
  | { readonly proof: Proof }
  /** Without a look-up there is nothing to look closer at. */
  | { readonly proof: undefined; readonly progress: NameProgress; readonly lookup?: Lookup };

async function proofOf(
  certificate: Certificate,
  validation: DomainValidation,
  issuer: Issuer,
  world: ProvingWorld,
): Promise<Found> {
  const { domainName, validationDomain } = validation;
  const isByMail = certificate.validationMethod === 'EMAIL';
  if (isByMail && validation.status !== 'SUCCESS') {
    const mailed = validation.mailedAtMs === undefined ? 'the mail is still to be sent' : 'nobody has approved it yet';
    const lookedUp = `the approval of ${domainName}`;
    return {
      proof: undefined,
      progress: { domainName, lookedUp, server: `mail to ${validationDomain}`, found: mailed },
    };
  }
  // An issuer that asks nobody takes our word for it.
  if (isByMail && !issuer.canAnswerByAddress) return { proof: 'approval' };
  const lookup = await validateName(validation, world.queriesOf(world.servers.serversFor(validation.recordName)));
  if (lookup.isProven) return { proof: 'record' };
  const byAddress = await provenByAddress(certificate, validation, issuer, world);
  if (byAddress === true) return { proof: 'address' };
  if (isByMail) return { proof: 'approval' };
  const { lookedUp, server, found } = lookup;
  const both = byAddress === undefined ? found : `${found}; and ${byAddress}`;
  return { proof: undefined, progress: { domainName, lookedUp, server, found: both }, lookup };
}

/** True, or why not; undefined where nobody would ask. */
async function provenByAddress(
  { account }: Certificate,
  { domainName }: DomainValidation,
  { canAnswerByAddress }: Issuer,
  { servers, queriesOf, publicAddresses, addressProof }: ProvingWorld,
): Promise<true | string | undefined> {
  if (!canAnswerByAddress || domainName.startsWith('*.') || !addressProof.isOwner(account)) return undefined;
  const answer = await queriesOf(servers.serversFor(`${domainName}.`)).addresses(domainName);
  if ('code' in answer) return `${domainName} leads nowhere: ${wordsOf(answer.code, 'address')}`;
  const stranger = answer.values.find((address) => !publicAddresses.includes(address));
  return stranger === undefined ? true : `${domainName} leads to ${stranger}, which is not an address of this server`;
}
