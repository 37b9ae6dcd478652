// HTTP/1.1 written octet by octet, and everything that comes back on the connection, told in one line: so that an answer too many
// is seen, whoever asked for it.

import type { RawConnection } from '../../harness/raw-tls.ts';

export const CRLF = '\r\n';
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A handshake as an ordinary client sends it; `head` is changed as a whole, `more` are further lines. */
export function handshake(target: string, more = '', change: (head: string) => string = (head) => head): string {
  const lines = [
    `GET ${target} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
  ];
  return change(`${lines.join(CRLF)}${CRLF}${more}${CRLF}`);
}

const NO_CHUNKS = `0${CRLF}${CRLF}`;

export interface RawAnswer {
  readonly status: number;
  readonly statusLine: string;
  /** In their order and letters. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export function headerOf(answer: RawAnswer, name: string): string | undefined {
  return answer.headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
}

/** The whole answers at the start of `bytes`, and what is behind them: frames after a 101, else nothing, or a part. */
export function parseAnswers(bytes: Buffer): { answers: RawAnswer[]; rest: Buffer } {
  const answers: RawAnswer[] = [];
  let rest = bytes;
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd < 0 || rest.subarray(0, 5).toString('latin1') !== 'HTTP/') return { answers, rest };
    const [statusLine = '', ...lines] = rest.subarray(0, headEnd).toString('latin1').split(CRLF);
    const headers = lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    });
    const status = Number(statusLine.split(' ')[1]);
    const valueOf = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
    // Node's own refusals come in chunks, and are empty.
    const length =
      valueOf('transfer-encoding') === 'chunked' ? NO_CHUNKS.length : Number(valueOf('content-length') ?? 0);
    if (rest.length < headEnd + 4 + length) return { answers, rest };
    answers.push({ status, statusLine, headers, body: rest.subarray(headEnd + 4, headEnd + 4 + length) });
    rest = rest.subarray(headEnd + 4 + length);
    if (status === 101) return { answers, rest };
  }
}

/** Asked last on every connection that is still open: answered by a status that nothing else has. */
const LAST_STATUS = 417;
const LAST = ['GET /last HTTP/1.1', 'Host: localhost', 'Connection: close', 'Expect: nothing', '', ''].join(CRLF);
/** A close frame of a client, 1000, masked with zeros. */
const CLOSE_1000 = Buffer.from('88820000000003e8', 'hex');

/**
 * Sends the bytes, waits for as many answers as are `wanted` and reads to the end of the connection. Resolves to the statuses in their order and how it ended:
 * `400, ended` by the gateway, `403, kept` for further requests, `101, closed 1000` after a closing handshake.
 */
export async function outcomeOf(connection: RawConnection, bytes: string, wanted = 1): Promise<string> {
  const { socket } = connection;
  socket.write(Buffer.from(bytes, 'latin1'));
  const first = await connection
    .until('an answer', (all) => parseAnswers(all).answers[wanted - 1])
    .catch((error: Error) => {
      if (error.message.includes('waited too long')) throw error;
      return undefined;
    });
  if (first && !socket.readableEnded) socket.write(first.status === 101 ? CLOSE_1000 : LAST);
  const { answers, rest } = parseAnswers(await connection.ended());
  socket.destroy();
  const statuses = answers.map(({ status }) => status);
  if (statuses.at(-1) === 101) return [...statuses, `closed ${closeOf(rest)}`].join(', ');
  const isKept = statuses.at(-1) === LAST_STATUS;
  const strays = rest.length > 0 ? [`and ${JSON.stringify(rest.toString('latin1'))}`] : [];
  return [...(isKept ? statuses.slice(0, -1) : statuses), isKept ? 'kept' : 'ended', ...strays].join(', ');
}

/** The code of the close frame that is all there is, or the bytes that are not. */
function closeOf(frames: Buffer): string {
  const isClose = frames.length >= 4 && frames[0] === 0x88 && frames.length === 2 + frames[1]!;
  return isClose ? String(frames.readUInt16BE(2)) : frames.toString('hex');
}
