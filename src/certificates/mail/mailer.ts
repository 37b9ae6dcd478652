// Writes to the five mailboxes of a name that waits for approval, one letter each, and tells in words what became of them. Asked by
// the reconciler; keeps nothing, and marks nothing in the store.

import type { Certificate, DomainValidation } from '../../model/certificate.ts';
import { assert } from '../../model/faults.ts';
import { mailboxesOf } from '../../model/mailboxes.ts';
import { limit } from '../../settings/limits.ts';
import { openRound } from './approval-round.ts';
import { signApproval } from './approval-token.ts';
import { writeLetter } from './letter.ts';
import { PostProblem, type Post } from './post.ts';

export interface MailerParts {
  readonly post: Post;
  /** Derived for approvals alone. */
  readonly key: Uint8Array;
  readonly from: string;
  /** The URL at which a token is approved. */
  linkTo(token: string): string;
}

export interface MailOutcome {
  /** The addresses for which a letter was accepted. One is enough: the name waits for an approval now. */
  readonly accepted: readonly string[];
  readonly refused: readonly { readonly mailbox: string; readonly problem: string }[];
  /** Where the letters went, without credentials. */
  readonly place: string;
  /** What became of them, in words. */
  readonly found: string;
}

export interface Mailer {
  /**
   * Asks for approval of one name of the certificate's open round. Never rejects for what the way of the mail did; what is not
   * accepted is to be tried again. `nowMs` is lifecycle time.
   */
  mail(certificate: Certificate, validation: DomainValidation, nowMs: number): Promise<MailOutcome>;
  close(): void;
}

export function createMailer({ post, key, from, linkTo }: MailerParts): Mailer {
  return {
    async mail(certificate, { domainName, validationDomain }, nowMs) {
      const round = openRound(certificate);
      assert(round, 'mail is sent for a certificate that waits for approval');
      const { isRenewal, id: roundId } = round;
      const untilMs = approvableUntilMs(certificate, isRenewal, nowMs);
      const send = async (mailbox: string) => {
        const claims = { certificateArn: certificate.arn, domainName, mailbox, expiresAtMs: untilMs, roundId };
        const link = linkTo(signApproval(key, claims));
        const parts = { certificate, domainName, isRenewal, from, to: mailbox, link, sentAtMs: nowMs, untilMs };
        await post.deliver(writeLetter(parts));
      };
      const mailboxes = mailboxesOf(validationDomain);
      const sent = await Promise.allSettled(mailboxes.map(send));
      const accepted = mailboxes.filter((_, at) => sent[at]!.status === 'fulfilled');
      const refused = mailboxes.flatMap((mailbox, at) => {
        const one = sent[at]!;
        return one.status === 'rejected' ? [{ mailbox, problem: problemOf(one.reason) }] : [];
      });
      return { accepted, refused, place: post.place, found: wordsFor(accepted, refused) };
    },
    close: () => post.close(),
  };
}

/** A first validation ends with the certificate's own time, however late the mail was sent. */
function approvableUntilMs({ createdAtMs }: Certificate, isRenewal: boolean, nowMs: number): number {
  return (isRenewal ? nowMs : Math.min(createdAtMs, nowMs)) + limit('validationTimeoutMs');
}

/** What is no problem of the post is a mistake of ours. */
function problemOf(reason: unknown): string {
  if (reason instanceof PostProblem) return reason.message;
  throw reason;
}

function wordsFor(accepted: MailOutcome['accepted'], refused: MailOutcome['refused']): string {
  const count = accepted.length + refused.length;
  // A server that is away says the same for each.
  const problems = Map.groupBy(refused, ({ problem }) => problem);
  const words = [...problems].map(
    ([problem, those]) => `${those.map(({ mailbox }) => mailbox).join(', ')}: ${problem}`,
  );
  if (refused.length === 0) return `mail to ${accepted.join(', ')} was accepted`;
  const summary =
    accepted.length === 0 ? 'no mail was accepted' : `mail to ${accepted.length} of ${count} was accepted`;
  return `${summary}; refused for ${words.join('; for ')}`;
}
