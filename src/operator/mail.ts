// What validation mail was written to the outbox for an account, so that a developer finds the link without a mail server. Whoever
// has a link can approve with it, so links are shown to an operator alone, who has the files anyway; with development credentials
// everybody is one.

import { limit } from '../settings/limits.ts';

/**
 * The mail that stays on this machine.
 * @port mail-records
 */
export interface MailRecords {
  /** Where mail goes, in words. */
  readonly place: string;
  /** The newest first, `max` at most. */
  list(account: string, max: number): Promise<readonly MailRecord[]>;
}

/** What has become of a link: it waits, or why following it would change nothing. */
export type LinkState = 'waiting' | 'approved' | 'expired' | 'superseded' | 'closed' | 'gone' | 'forged';

export interface MailRecord {
  /** Lifecycle time. */
  readonly atMs: number;
  readonly domainName: string;
  readonly to: string;
  readonly certificateArn: string;
  /** A secret. */
  readonly link: string;
  readonly state: LinkState;
}

export interface MailPage {
  readonly account: string;
  /** Where mail goes. Absent where links are, too: a tenant is not told of the server's disk. */
  readonly place?: string;
  readonly mails: readonly {
    readonly at: string;
    readonly domainName: string;
    readonly to: string;
    readonly certificateArn: string;
    /** Absent where accounts are configured: only who reads the mailbox may approve. */
    readonly link?: string;
    readonly state: LinkState;
  }[];
  /** True when there is more than is shown. */
  readonly isCut: boolean;
}

export async function mailPage(account: string, areLinksShown: boolean, records: MailRecords): Promise<MailPage> {
  const max = limit('outboxListedMax');
  const found = await records.list(account, max + 1);
  const mails = found.slice(0, max).map(({ atMs, link, ...mail }) => ({
    at: new Date(atMs).toISOString(),
    ...mail,
    ...(areLinksShown && { link }),
  }));
  return { account, ...(areLinksShown && { place: records.place }), mails, isCut: found.length > max };
}
