// The pages behind an approval link, as HTML: no script, one style sheet known by its hash, everything that is shown escaped. Which of
// them is sent, and with what status, is decided by listen/approval-page.ts.

import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 38rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere; }
dl { margin: 1.5rem 0; }
dt { font-size: .85rem; opacity: .7; }
dd { margin: 0 0 .75rem; overflow-wrap: anywhere; }
button { font: inherit; font-weight: 600; padding: .75rem 1.25rem; border: 0; border-radius: .4rem; background: #0b57d0; color: #fff; }
button:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
`;

/** Nothing is loaded, nothing runs, nobody frames it, and its form leads here. */
export const APPROVAL_CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export interface ApprovalFacts {
  readonly domainName: string;
  readonly names: readonly string[];
  readonly account: string;
  readonly requestedBy: string | undefined;
  readonly region: string;
  readonly untilMs: number;
  readonly isRenewal: boolean;
}

/** What is to be approved, and the one button that does it. */
export function questionPage(facts: ApprovalFacts, action: string, token: string): string {
  const act = facts.isRenewal ? 'renew' : 'issue';
  const form = [
    `<form method="post" action="${escaped(action)}">`,
    `<input type="hidden" name="token" value="${escaped(token)}">`,
    `<button>Approve ${escaped(facts.domainName)}</button>`,
    '</form>',
    '<p>If you do not know of it, close this page: without an approval there is no certificate.</p>',
  ];
  const question = `Somebody asks to ${act} a certificate. Whoever has it can answer for the name on the internet.`;
  return page(`Approve a certificate for ${facts.domainName}?`, [question], [list(facts), ...form]);
}

/** What has happened, or why nothing has. */
export function noticePage(title: string, paragraphs: readonly string[], facts?: ApprovalFacts): string {
  return page(title, paragraphs, facts ? [list(facts)] : []);
}

function list({ domainName, names, account, requestedBy, region, untilMs }: ApprovalFacts): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Name to approve', domainName],
    ['Names of the certificate', names.join(', ')],
    ['Account', account],
    ['Requested by', requestedBy === undefined ? 'not recorded' : `access key ${requestedBy}`],
    ['Region', region],
    ['The link works until', `${new Date(untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`],
  ];
  return `<dl>\n${rows.map(([what, value]) => `<dt>${escaped(what)}</dt><dd>${escaped(value)}</dd>`).join('\n')}\n</dl>`;
}

/** `blocks` are HTML already. */
function page(title: string, paragraphs: readonly string[], blocks: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${escaped(title)}</h1>`,
    ...paragraphs.map((text) => `<p>${escaped(text)}</p>`),
    ...blocks,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
