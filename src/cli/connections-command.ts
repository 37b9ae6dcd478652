// `sallyport connections`: the sockets that are open, one of them, and closing some. Says what the gateway answers, page by page.

import { createInterface } from 'node:readline/promises';
import { inWords } from './clock-command.ts';
import { inColumns, seemly, sizeInWords } from './columns.ts';
import { CommandProblem } from './command-problem.ts';
import { askControl, tellControl, type ControlOptions } from './control-client.ts';
import { placeInWords, placeWords, type PlaceOptions } from './place-options.ts';
import { bold, counted } from './terminal.ts';

interface Socket {
  readonly connectionId: string;
  readonly account: string;
  readonly region: string;
  readonly apiId: string;
  readonly stage: string;
  readonly host: string;
  readonly domain?: string;
  readonly connectedAt: string;
  readonly lastActiveAt: string;
  readonly endsAt: string;
  readonly ageMs: number;
  readonly idleMs: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly queuedBytes: number;
  readonly messagesUnderWay: number;
  readonly messagesWaiting: number;
  readonly principal?: string;
  readonly apiKeyId?: string;
  readonly sourceIp: string;
  readonly userAgent?: string;
}

export interface ConnectionsOptions extends ControlOptions, PlaceOptions {
  readonly json?: boolean;
  readonly sort?: string;
  readonly limit?: string;
}

export interface CloseOptions extends ControlOptions, PlaceOptions {
  readonly json?: boolean;
  readonly code?: string;
  readonly reason?: string;
  readonly yes?: boolean;
}

const PAGE = '/_sallyport/connections';

/** What comes first: the most of it. */
const ORDERS: Readonly<Record<string, (socket: Socket) => number>> = {
  age: ({ ageMs }) => ageMs,
  idle: ({ idleMs }) => idleMs,
  messages: ({ messagesIn, messagesOut }) => messagesIn + messagesOut,
  bytes: ({ bytesIn, bytesOut }) => bytesIn + bytesOut,
  queued: ({ queuedBytes }) => queuedBytes,
};
export const SORTS: readonly string[] = Object.keys(ORDERS);

const queryOf = (options: PlaceOptions, more: Readonly<Record<string, string>>) =>
  new URLSearchParams({ ...placeWords(options), ...more });

async function socketsOf(options: ControlOptions & PlaceOptions): Promise<Socket[]> {
  const all: Socket[] = [];
  let after: string | undefined;
  do {
    const query = queryOf(options, after === undefined ? {} : { after });
    const page = (await askControl(options, `${PAGE}?${query}`)) as { sockets: Socket[]; after?: string };
    for (const socket of page.sockets) all.push(socket);
    ({ after } = page);
  } while (after !== undefined);
  return all;
}

export async function listConnectionsCommand(options: ConnectionsOptions): Promise<void> {
  const max = options.limit === undefined ? Number.POSITIVE_INFINITY : Number(options.limit);
  if (!(max >= 1)) throw new CommandProblem(`connections --limit: '${options.limit}' is no number of connections.`);
  const order = ORDERS[options.sort ?? 'age']!;
  const all = (await socketsOf(options)).sort((a, b) => order(b) - order(a));
  const shown = all.slice(0, max);
  if (options.json) return console.log(JSON.stringify(shown, null, 2));
  if (all.length === 0) return console.log(`no open connections${placeInWords(options)}`);
  const head = ['CONNECTION', 'STAGE', 'HOST', 'AGE', 'IDLE', 'IN', 'OUT', 'BYTES IN', 'BYTES OUT', 'SOURCE', 'WHO'];
  const [title, ...lines] = inColumns([head, ...shown.map(rowOf)]);
  console.log([bold(title!), ...lines].join('\n'));
  const more = all.length > shown.length ? `, ${shown.length} of them shown` : '';
  console.log(`${counted(all.length, 'connection')}${more}`);
}

function rowOf(socket: Socket): string[] {
  const { connectionId, apiId, stage, host, ageMs, idleMs, messagesIn, messagesOut, bytesIn, bytesOut } = socket;
  return [
    connectionId,
    `${apiId}/${stage}`,
    seemly(host),
    inWords(ageMs),
    inWords(idleMs),
    String(messagesIn),
    String(messagesOut),
    sizeInWords(bytesIn),
    sizeInWords(bytesOut),
    socket.sourceIp,
    seemly(socket.principal ?? '-'),
  ];
}

export async function showConnectionCommand(connection: string, options: ConnectionsOptions): Promise<void> {
  const [socket] = await socketsOf({ ...options, connection });
  if (!socket) throw new CommandProblem(`no connection ${connection} is open, or it is not yours to see.`);
  if (options.json) return console.log(JSON.stringify(socket, null, 2));
  const words = (count: number, bytes: number) => `${counted(count, 'message')}, ${sizeInWords(bytes)}`;
  const rows: (readonly [string, string])[] = [
    ['stage', `${socket.apiId}/${socket.stage} (account ${socket.account}, ${socket.region})`],
    ['host', seemly(socket.host) + (socket.domain === undefined ? '' : ` (custom domain name ${socket.domain})`)],
    ['client', `${socket.sourceIp} ${seemly(socket.userAgent ?? '')}`.trimEnd()],
    ['who', seemly(socket.principal ?? 'nobody in particular: $connect has no authorizer')],
    ['connected', `${socket.connectedAt}, ${inWords(socket.ageMs)} ago`],
    ['active', `${socket.lastActiveAt}, ${inWords(socket.idleMs)} ago`],
    ['ends', `${socket.endsAt} when nothing more comes`],
    ['in', words(socket.messagesIn, socket.bytesIn)],
    ['out', words(socket.messagesOut, socket.bytesOut)],
    ['queued', `${sizeInWords(socket.queuedBytes)} that the client has not taken`],
    ['under way', `${counted(socket.messagesUnderWay, 'message')}, ${socket.messagesWaiting} waiting for them`],
  ];
  console.log([bold(socket.connectionId), ...inColumns(rows).map((line) => `    ${line}`)].join('\n'));
}

/** Closes those that are named, or those of a place; asks first. Resolves to the exit code: 1 when some of those named were not open. */
export async function closeConnectionsCommand(ids: readonly string[], options: CloseOptions): Promise<number> {
  const place = placeWords(options);
  if (ids.length === 0 && Object.keys(place).length === 0)
    throw new CommandProblem(
      'connections close: which ones? Give ids, or --api, --stage, --domain, --tenant, --account.',
    );
  if (!options.yes) await confirm(await howMany(ids, options), options);
  const { code, reason } = options;
  const asked = {
    ...place,
    ...(ids.length > 0 && { ids: [...new Set(ids)] }),
    ...(code !== undefined && { code: Number(code) }),
    ...(reason !== undefined && { reason }),
  };
  let closed = 0;
  let answer: { closed: number; after?: string; code: number; reason: string };
  let after: string | undefined;
  do {
    answer = (await tellControl(options, `${PAGE}/close`, { ...asked, ...(after && { after }) })) as typeof answer;
    closed += answer.closed;
    ({ after } = answer);
  } while (after !== undefined);
  const missing = ids.length === 0 ? 0 : new Set(ids).size - closed;
  if (options.json) console.log(JSON.stringify({ closed, code: answer.code, reason: answer.reason }, null, 2));
  else {
    console.log(`${counted(closed, 'connection')} closed: ${answer.code} ${answer.reason}`.trimEnd());
    if (missing > 0)
      console.log(`${counted(missing, 'connection')} of those named ${missing === 1 ? 'was' : 'were'} not open`);
  }
  return missing > 0 ? 1 : 0;
}

async function howMany(ids: readonly string[], options: CloseOptions): Promise<number> {
  if (ids.length > 0) return new Set(ids).size;
  const answer = await askControl(options, `${PAGE}?${queryOf(options, { count: 'true' })}`);
  return (answer as { count: number }).count;
}

/** Throws a CommandProblem where nobody can be asked, or the answer is another. */
async function confirm(count: number, options: CloseOptions): Promise<void> {
  const what = `${counted(count, 'connection')}${placeInWords(options)}`;
  if (!process.stdin.isTTY) throw new CommandProblem(`${what} would be closed: to close them, give --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Close ${what}? [y/N] `).finally(() => terminal.close());
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new CommandProblem('nothing is closed.');
}
