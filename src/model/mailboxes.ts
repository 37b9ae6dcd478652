// Whom a name is asked about by mail (custom-domains 5.8): a law of ACM that needs nothing else, so that whoever shows the addresses
// and whoever writes to them say the same.

const LOCAL_PARTS = ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'] as const;

/** The five addresses of a validation domain, without a leading `*.` and then `www.` of it. */
export function mailboxesOf(validationDomain: string): string[] {
  const domain = validationDomain.replace(/^\*\./, '').replace(/^www\.(?=.+\..)/, '');
  return LOCAL_PARTS.map((localPart) => `${localPart}@${domain}`);
}
