// `sallyport certificates mail`: the validation mail that lies in the outbox, for people or as JSON. What it prints, a link among it,
// is what the gateway answers; nothing is read from the disk here.

import { askControl, type ControlOptions } from './control-client.ts';

interface Mail {
  readonly at: string;
  readonly domainName: string;
  readonly to: string;
  readonly certificateArn: string;
  readonly link?: string;
}

interface MailPage {
  readonly place: string;
  readonly mails: readonly Mail[];
  readonly isCut: boolean;
}

export interface MailOptions extends ControlOptions {
  readonly json?: boolean;
}

export const MAIL_EXAMPLES = `
Examples:
  sallyport certificates mail
  sallyport certificates mail --json
  AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… sallyport certificates mail --endpoint http://127.0.0.1:4566

A link is opened in a browser, and approves what its page shows. With --accounts links are shown to an operator alone: whoever
else has to read the mailbox.
`;

export async function mailCommand(options: MailOptions): Promise<void> {
  const { place, mails, isCut } = (await askControl(options, '/_sallyport/mail')) as MailPage;
  if (options.json) return console.log(JSON.stringify(mails, null, 2));
  if (mails.length === 0) return console.log(`no mail for this account in the outbox; mail goes to ${place}`);
  for (const { at, domainName, to, certificateArn, link } of mails) {
    console.log(`${at}  ${domainName}  to ${to}`);
    console.log(`    certificate  ${certificateArn}`);
    if (link !== undefined) console.log(`    approve at   ${link}`);
  }
  if (isCut) console.log(`\nthere is more: these are the newest ${mails.length}`);
}
