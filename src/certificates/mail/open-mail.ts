// Puts validation mail together: the way it goes, by SMTP or into the outbox, and the outbox itself, which is there to be read in any
// case.

import { realClock } from '../../ambient/clock.ts';
import type { Approval } from './approvals.ts';
import { createMailer, type Mailer } from './mailer.ts';
import { createOutbox, type OutboxMail } from './outbox.ts';
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
  /** What has become of a token. */
  readonly look: (token: string) => Promise<Approval>;
}

/** A mail of the outbox, with what has become of its link. */
export interface ListedMail extends OutboxMail {
  readonly state: Exclude<Approval['state'], 'accepted'>;
}

export interface Mail {
  readonly mailer: Mailer;
  /** Where mail goes, and what of it lies here. */
  readonly records: {
    readonly place: string;
    readonly list: (account: string, max: number) => Promise<readonly ListedMail[]>;
  };
}

export function openMail({ smtp, outboxPath, look, ...letters }: MailOptions): Mail {
  const outbox = createOutbox(outboxPath, realClock);
  const post = smtp === undefined ? outbox : createSmtp(smtp);
  return {
    mailer: createMailer({ post, ...letters }),
    records: {
      place: post.place,
      async list(account, max) {
        const mails = await outbox.list(account, max);
        return Promise.all(
          mails.map(async (mail) => {
            const { state } = await look(tokenIn(mail.link));
            return { ...mail, state: state === 'accepted' ? 'approved' : state };
          }),
        );
      },
    },
  };
}

function tokenIn(link: string): string {
  return (URL.canParse(link) && new URL(link).searchParams.get('token')) || '';
}
