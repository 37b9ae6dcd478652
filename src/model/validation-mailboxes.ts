// The mailboxes that mail about a name goes to (custom-domains 5.8): pure, so that whoever sends and whoever shows them agree.

const MAILBOXES = ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'] as const;

/** The five addresses at a validation domain; a leading `*.` and `www.` are no part of them. */
export function validationMailboxes(validationDomain: string): string[] {
  const domain = validationDomain.replace(/^\*\./, '').replace(/^www\./, '');
  return MAILBOXES.map((mailbox) => `${mailbox}@${domain}`);
}
