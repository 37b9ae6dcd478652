// Puts validation mail together: the way it goes, by SMTP or into the outbox, and the outbox itself, which is there to be read in any
// case.

import { realClock } from '../../ambient/clock.ts';
import { createMailer, type Mailer } from './mailer.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createSmtp } from './smtp.ts';

export interface MailOptions {
  /** Undefined: the outbox. */
  readonly smtp: string | undefined;
  readonly outboxPath: string;
  readonly from: string;
  /** Derived for approvals alone. */
  readonly key: Uint8Array;
  /** The URL at which a token is approved. */
  linkTo(token: string): string;
}

export interface Mail {
  readonly mailer: Mailer;
  /** Where mail goes, and what of it lies here. */
  readonly records: { readonly place: string; readonly list: Outbox['list'] };
}

export function openMail({ smtp, outboxPath, ...letters }: MailOptions): Mail {
  const outbox = createOutbox(outboxPath, realClock);
  const post = smtp === undefined ? outbox : createSmtp(smtp);
  return { mailer: createMailer({ post, ...letters }), records: { place: post.place, list: outbox.list } };
}
