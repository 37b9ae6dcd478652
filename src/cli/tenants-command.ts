// `sallyport tenants`: for each host under a custom domain name its sockets, messages, bytes and errors. Says what the gateway answers.

import { inWords } from './clock-command.ts';
import { inColumns, seemly, sizeInWords } from './columns.ts';
import { CommandProblem } from './command-problem.ts';
import { askControl, type ControlOptions } from './control-client.ts';
import { bold, counted } from './terminal.ts';

interface Counts {
  readonly connections: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly errors: number;
}

interface Tenant extends Counts {
  readonly host: string;
  readonly domain: string;
  readonly since: string;
  readonly lastActiveAt: string;
}

interface Page {
  readonly tenants: readonly Tenant[];
  readonly total: Counts;
  readonly others?: Counts & { readonly hosts: number };
}

export interface TenantsOptions extends ControlOptions {
  readonly json?: boolean;
  readonly sort?: string;
  readonly limit?: string;
}

export const TENANT_SORTS: readonly string[] = ['messages', 'connections', 'bytes', 'errors', 'active'];

const HEAD = ['HOST', 'DOMAIN', 'SOCKETS', 'IN', 'OUT', 'BYTES IN', 'BYTES OUT', 'ERRORS', 'ACTIVE'];
const OTHERS = '(others)';

/** `domain`: one custom domain name, or one host under it. */
export async function tenantsCommand(domain: string | undefined, options: TenantsOptions): Promise<void> {
  const max = options.limit === undefined ? Number.POSITIVE_INFINITY : Number(options.limit);
  if (!(max >= 1)) throw new CommandProblem(`tenants --limit: '${options.limit}' is no number of tenants.`);
  const query = new URLSearchParams({ sort: options.sort ?? 'messages', ...(domain !== undefined && { domain }) });
  const page = (await askControl(options, `/_sallyport/tenants?${query}`)) as Page;
  if (options.json) return console.log(JSON.stringify(page, null, 2));
  const { tenants, others, total } = page;
  if (tenants.length === 0 && !others)
    return console.log(`nobody has connected by ${domain ?? 'a custom domain name'} since the gateway started`);
  const hidden = tenants.slice(max);
  const rest = [...hidden, ...(others ? [others] : [])];
  const [title, ...lines] = inColumns([
    HEAD,
    ...tenants.slice(0, max).map((one) => rowOf(seemly(one.host), one.domain, one, sinceWords(one.lastActiveAt))),
    ...(rest.length > 0 ? [rowOf(OTHERS, '', sumOf(rest), '')] : []),
  ]);
  console.log([bold(title!), ...lines].join('\n'));
  const hosts = tenants.length + (others?.hosts ?? 0);
  const { connections, messagesIn, messagesOut } = total;
  console.log(
    `${counted(hosts, 'host')}: ${counted(connections, 'socket')}, ${messagesIn} messages in, ${messagesOut} out`,
  );
}

function rowOf(host: string, domain: string, counts: Counts, active: string): string[] {
  const { connections, messagesIn, messagesOut, bytesIn, bytesOut, errors } = counts;
  const numbers = [connections, messagesIn, messagesOut].map(String);
  return [host, domain, ...numbers, sizeInWords(bytesIn), sizeInWords(bytesOut), String(errors), active];
}

/** By this machine's clock, and never in the future. */
function sinceWords(at: string): string {
  return `${inWords(Math.max(0, Date.now() - Date.parse(at)))} ago`;
}

function sumOf(all: readonly Counts[]): Counts {
  const sum = { connections: 0, messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, errors: 0 };
  for (const one of all) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += one[name];
  return sum;
}
