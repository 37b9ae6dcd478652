// What an authority will be answered with: chooses a challenge for each name, and keeps the answers as rows that DNS, HTTP and TLS
// listeners read from the snapshot (RFC 8555 8, RFC 8737). The authority is told only when the rows are live; telling it is not
// done here.

import { createHash } from 'node:crypto';
import type { Clock } from '../../ambient/clock.ts';
import { ids } from '../../ambient/ids.ts';
import type { Certificate, Challenge, ChallengeType, IssuableAlgorithm, KeyPair } from '../../model/certificate.ts';
import type { Store } from '../../store/contract.ts';
import { IssueProblem, type IssueRequest, type Proof } from '../issuer.ts';
import type { Sealing } from '../key-ring.ts';
import { SERVER_OWNER } from '../local-authority.ts';
import type { Signing } from '../signing.ts';
import type { AcmeChallenge, Authorization } from './acme-client.ts';
import { AcmeTrouble, oneLine } from './acme-problem.ts';
import { keyAuthorization, type AccountKey } from './jws.ts';

export interface AnswerParts {
  readonly store: Store;
  readonly keys: Sealing;
  readonly signing: Signing;
  readonly realClock: Clock;
  /** Whether the listener of `--http` is there. */
  readonly isHttpServed: boolean;
}

export interface ChosenChallenge {
  readonly name: string;
  readonly type: ChallengeType;
  readonly challenge: AcmeChallenge;
}

/** A token is a part of paths and of what is hashed: RFC 8555 8.3 leaves it these letters. */
const TOKEN = /^[A-Za-z0-9_-]{16,256}$/;
const HOUR_MS = 3_600_000;
/** Much longer than any order lives. */
const VALIDITY_MS = 48 * HOUR_MS;

/** What can be answered for a name that was proven so, the best first. */
function answerable(name: string, proof: Proof, isHttpServed: boolean): readonly ChallengeType[] {
  // Only DNS speaks for every host below a name (RFC 8555 7.1.3).
  if (name.startsWith('*.') || proof === 'record') return ['dns-01'];
  return isHttpServed ? ['http-01', 'tls-alpn-01'] : ['tls-alpn-01'];
}

export function chooseChallenge(
  { name, challenges }: Authorization,
  { proofs }: IssueRequest,
  isHttpServed: boolean,
): ChosenChallenge {
  const wanted = answerable(name, proofs.get(name) ?? 'record', isHttpServed);
  for (const type of wanted) {
    const challenge = challenges.find((offered) => offered.type === type);
    if (!challenge) continue;
    if (!TOKEN.test(challenge.token)) throw new AcmeTrouble(`the authority gave a token for ${name} that is none`);
    return { name, type, challenge };
  }
  const offered = challenges.map(({ type }) => oneLine(type.slice(0, 40))).join(', ') || 'none';
  throw new IssueProblem(
    `the authority offers no challenge for ${name} that can be answered: it offers ${offered}, and ${wanted.join(' or ')} is needed`,
    { domainName: name },
  );
}

/** Puts all answers at once. They are live, and durable, when it resolves to what `removeChallenges` takes. */
export async function putAnswers(
  parts: AnswerParts,
  chosen: readonly ChosenChallenge[],
  key: AccountKey,
  certificate: Certificate,
): Promise<readonly Challenge[]> {
  const made = await Promise.all(chosen.map((one) => answerTo(parts, one, key, certificate)));
  if (made.length === 0) return [];
  await parts.store.transact(async (transaction) => {
    for (const { answer, keyPairs } of made) {
      transaction.put('challenge', answer);
      for (const keyPair of keyPairs) transaction.putKeyPair(keyPair);
    }
  });
  return made.map(({ answer }) => answer);
}

async function answerTo(
  parts: AnswerParts,
  { name, type, challenge }: ChosenChallenge,
  key: AccountKey,
  certificate: Certificate,
): Promise<{ answer: Challenge; keyPairs: readonly KeyPair[] }> {
  const authorization = keyAuthorization(key, challenge.token);
  const row = (place: string, value: string): Challenge => ({
    ...SERVER_OWNER,
    // Orders of one name may be under way together, and an apex and its wildcard are asked for at one place.
    id: `${type}/${place}/${ids.hex(8)}`,
    type,
    key: place,
    value,
  });
  const digest = createHash('sha256').update(authorization).digest();
  switch (type) {
    case 'dns-01':
      return { answer: row(delegatedLabel(certificate, name), digest.toString('base64url')), keyPairs: [] };
    case 'http-01':
      return { answer: row(`${name}/${challenge.token}`, authorization), keyPairs: [] };
    case 'tls-alpn-01': {
      const [ec, rsa] = await Promise.all([
        challengeCertificate(parts, name, digest, 'EC_prime256v1'),
        challengeCertificate(parts, name, digest, 'RSA_2048'),
      ]);
      const keyPairReferences = { ec: ec.reference, rsa: rsa.reference };
      return { answer: { ...row(name, ''), keyPairReferences }, keyPairs: [ec, rsa] };
    }
  }
}

/** `{label}` of `{label}.acme-challenges.{suffix}.`, to which the CNAME of the name leads. */
function delegatedLabel({ validations }: Certificate, name: string): string {
  const validation = validations.find(({ domainName }) => domainName === name);
  if (!validation) throw new IssueProblem(`the certificate says nothing of how ${name} is validated`);
  return validation.recordValue.split('.')[0]!;
}

async function challengeCertificate(
  { signing, keys, realClock }: AnswerParts,
  name: string,
  digest: Buffer,
  keyAlgorithm: IssuableAlgorithm,
): Promise<KeyPair> {
  const notBeforeMs = realClock.now() - HOUR_MS;
  const { certificatePem: chainPem, keyPem } = await signing.sign({
    make: 'challenge-certificate',
    name,
    keyAlgorithm,
    digest: digest.toString('hex'),
    notBeforeMs,
    notAfterMs: notBeforeMs + VALIDITY_MS,
  });
  const reference = ids.keyPair();
  return { ...SERVER_OWNER, reference, chainPem, sealedKey: keys.seal(keyPem, reference) };
}
