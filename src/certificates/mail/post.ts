// The two ways that letters can go, SMTP and the outbox, behind one interface; and how a letter becomes a message of nodemailer's.

import type { SendMailOptions } from 'nodemailer';
import type { Letter } from './letter.ts';

export interface Post {
  /** Where letters go, in words and without credentials. */
  readonly place: string;
  /** Resolves when the letter was accepted. Rejects with a PostProblem. */
  deliver(letter: Letter): Promise<void>;
  close(): void;
}

/** Why a letter was not accepted: one line for people, without credentials and without the link. */
export class PostProblem extends Error {}

/** Names, accounts and ARNs go into structured members alone, where the library lets no line break and no comma through. */
export function messageOf(letter: Letter): SendMailOptions {
  return {
    from: letter.from,
    to: { name: '', address: letter.to },
    subject: letter.subject,
    text: letter.text,
    html: letter.html,
    headers: {
      // RFC 3834: nobody's absence answers it.
      'Auto-Submitted': 'auto-generated',
      [HEADERS.account]: letter.account,
      [HEADERS.certificate]: letter.certificateArn,
      [HEADERS.domain]: letter.domainName,
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

export const HEADERS = {
  account: 'X-Sallyport-Account',
  certificate: 'X-Sallyport-Certificate',
  domain: 'X-Sallyport-Domain',
  /** In the outbox only. */
  link: 'X-Sallyport-Link',
  /** In lifecycle time, which may be ahead of the Date. In the outbox only. */
  sent: 'X-Sallyport-Sent',
} as const;
