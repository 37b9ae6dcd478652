// `sallyport certificates mail`: the validation mail that lies in the outbox, for people or as JSON. What it prints, a link among it,
// is what the gateway answers; nothing is read from the disk here.

import { askControl, type ControlOptions } from './control-client.ts';

interface Mail {
  readonly at: string;
  readonly domainName: string;
  readonly to: string;
  readonly certificateArn: string;
  readonly link?: string;
  readonly state: string;
}

interface MailPage {
  /** Absent for whoever is no operator, and then links are, too. */
  readonly place?: string;
  readonly mails: readonly Mail[];
  readonly isCut: boolean;
}

export interface MailOptions extends ControlOptions {
  readonly json?: boolean;
}

/** What is said in place of the link. */
const NOT_WAITING: Readonly<Record<string, string>> = {
  approved: 'approved already',
  expired: 'its link has expired',
  superseded: 'its link is over: the name is asked about anew since',
  closed: 'its link is over: the certificate waits for no approval',
  gone: 'its link is over: the certificate is deleted',
  forged: 'its link is void: it was signed under another master key',
};

const WITHOUT_LINKS = 'links are for the operator alone: read the mailbox, or ask the operator';

export async function mailCommand(options: MailOptions): Promise<void> {
  const { place, mails, isCut } = (await askControl(options, '/_sallyport/mail')) as MailPage;
  if (options.json) return console.log(JSON.stringify(mails, null, 2));
  if (mails.length === 0) {
    const where = place === undefined ? 'read the mailbox, or ask the operator' : `mail goes to ${place}`;
    return console.log(`no mail for this account in the outbox; ${where}`);
  }
  for (const mail of mails) printMail(mail);
  const isWaiting = mails.some(({ state }) => state === 'waiting');
  if (isWaiting) console.log('\nany one of the five links of a mail approves its name');
  if (isWaiting && place === undefined) console.log(WITHOUT_LINKS);
  if (isCut) console.log(`\nthere is more: these are the newest ${mails.length}`);
}

function printMail({ at, domainName, to, certificateArn, link, state }: Mail): void {
  console.log(`${at}  ${domainName}  to ${to}`);
  console.log(`    certificate  ${certificateArn}`);
  const over = NOT_WAITING[state];
  if (over !== undefined) console.log(`    link         ${over}`);
  else if (link !== undefined) console.log(`    approve at   ${link}`);
}
