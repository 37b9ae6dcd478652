// What a validation mail says, as text and as simple HTML. Pure. It must say enough for somebody who has never heard of this server to
// know what the link does, and that doing nothing does nothing.

import type { Certificate } from '../../model/certificate.ts';

export interface Letter {
  readonly from: string;
  /** One address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly account: string;
  readonly certificateArn: string;
  readonly domainName: string;
  /** A secret of whoever reads the mailbox. */
  readonly link: string;
  /** Lifecycle time. */
  readonly sentAtMs: number;
}

export interface LetterParts {
  readonly certificate: Certificate;
  readonly domainName: string;
  readonly isRenewal: boolean;
  readonly from: string;
  readonly to: string;
  readonly link: string;
  /** Both lifecycle time. */
  readonly sentAtMs: number;
  readonly untilMs: number;
}

export function writeLetter(parts: LetterParts): Letter {
  const { certificate, domainName, isRenewal, from, to, link, sentAtMs, untilMs } = parts;
  const { account, arn: certificateArn, region, requestedBy, subjectAlternativeNames: names } = certificate;
  const act = isRenewal ? 'renew' : 'issue';
  const question =
    `Somebody asks to ${act} a certificate for ${domainName}. ` +
    'Whoever has it can answer for that name on the internet.';
  const facts: readonly (readonly [string, string])[] = [
    ['Name to approve', domainName],
    ['Names of the certificate', names.join(', ')],
    ['Account', account],
    ['Requested by', requestedBy === undefined ? 'not recorded' : `access key ${requestedBy}`],
    ['Region', region],
    ['Certificate', certificateArn],
    ['The link works until', `${new Date(untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`],
  ];
  const advice =
    'If you know of it and want it, open the link and approve it there. If not, do nothing: without an approval there is no ' +
    `certificate${isRenewal ? ' after the present one ends' : ''}.`;
  const width = Math.max(...facts.map(([what]) => what.length)) + 2;
  return {
    from,
    to,
    subject: `${isRenewal ? 'Renewal of the certificate' : 'Certificate'} for ${domainName}: approval needed`,
    text: [
      question,
      '',
      ...facts.map(([what, value]) => `${`${what}:`.padEnd(width)}${value}`),
      '',
      advice,
      '',
      link,
      '',
    ].join('\n'),
    html: htmlOf(question, facts, advice, link),
    account,
    certificateArn,
    domainName,
    link,
    sentAtMs,
  };
}

function htmlOf(question: string, facts: readonly (readonly [string, string])[], advice: string, link: string): string {
  const rows = facts.map(
    ([what, value]) =>
      `<tr><th align="left" valign="top" style="padding:4px 16px 4px 0">${escaped(what)}</th>` +
      `<td style="padding:4px 0">${escaped(value)}</td></tr>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en"><body style="font-family:sans-serif;max-width:40em">',
    `<p>${escaped(question)}</p>`,
    `<table>${rows.join('\n')}</table>`,
    `<p>${escaped(advice)}</p>`,
    `<p><a href="${escaped(link)}">Look at the request</a></p>`,
    '</body></html>',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
