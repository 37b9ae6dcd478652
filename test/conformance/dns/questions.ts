// Questions as dig asks them, and its answer as sections of text, one record a line: `www.example.com. 300 A 192.0.2.1`. Every
// question is asked over UDP and over TCP, and both must say the same.

import assert from 'node:assert/strict';
import { runPeer } from '../../harness/peers.ts';

/** The code and the flag that say whose answer it is, with the sections. Sections left out are empty. */
export interface Said {
  readonly code: string;
  readonly isAuthoritative: boolean;
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
}

export interface Reply extends Said {
  readonly opcode: string;
  readonly flags: readonly string[];
  readonly question: readonly string[];
  readonly edns: { readonly version: number; readonly udpBytes: number } | undefined;
  /** Lines in which dig complains. */
  readonly warnings: readonly string[];
  readonly bytes: number;
}

const SECTIONS = ['QUESTION', 'ANSWER', 'AUTHORITY', 'ADDITIONAL'] as const;
const TIMEOUT_S = 15;

/** Asks `name type` of a server over one transport. */
export async function digOnce(server: string, question: string, options: readonly string[] = []): Promise<Reply> {
  const [host, port] = server.split(':') as [string, string];
  const asked = [...question.split(' '), `@${host}`, '-p', port, '+norec', `+time=${TIMEOUT_S}`, '+tries=1'];
  const { stdout } = await runPeer('dig', [...asked, ...options]);
  assert.match(stdout, /->>HEADER<<-/, `dig ${question} ${options.join(' ')} had no reply:\n${stdout}`);
  return parse(stdout);
}

/** Asks several questions, `name type` each, one after another by one run of a tool; the replies in their order. */
export async function askAll(
  tool: 'dig' | 'kdig',
  server: string,
  questions: readonly string[],
  options: readonly string[] = [],
): Promise<Reply[]> {
  const [host, port] = server.split(':') as [string, string];
  // Options in front of the questions hold for all of them.
  const common = [`@${host}`, '-p', port, '+norec', `+time=${TIMEOUT_S}`, '+tries=1', '+edns=0', '+bufsize=1232'];
  const { stdout } = await runPeer(tool, [
    ...common.filter((option) => tool === 'dig' || option !== '+tries=1'),
    ...(tool === 'dig' ? ['+nocookie'] : ['+retry=0']),
    ...options,
    ...questions.flatMap((question) => question.split(' ')),
  ]);
  const replies = stdout.split(/(?=^;; ->>HEADER<<-)/m).filter((text) => text.includes('->>HEADER<<-'));
  assert.equal(replies.length, questions.length, `${tool} had a reply to each of its questions:\n${stdout}`);
  return replies.map(parse);
}

/** Asks over UDP and TCP; fails when they differ. */
export async function dig(server: string, question: string, options: readonly string[] = []): Promise<Reply> {
  const [udp, tcp] = await Promise.all([
    digOnce(server, question, options),
    digOnce(server, question, ['+tcp', ...options]),
  ]);
  assert.deepEqual(tcp, udp, 'TCP says the same as UDP');
  return udp;
}

/** Asks, and compares everything that was said. `want` leaves out what is usual: NOERROR, with authority, nothing in a section. */
export async function says(server: string, question: string, want: Partial<Said>): Promise<void> {
  const { code, isAuthoritative, answer, authority, additional, warnings } = await dig(server, question);
  const usual: Said = { code: 'NOERROR', isAuthoritative: true, answer: [], authority: [], additional: [] };
  assert.deepEqual({ code, isAuthoritative, answer, authority, additional }, { ...usual, ...want });
  assert.deepEqual(warnings, []);
}

export const REFUSED: Partial<Said> = { code: 'REFUSED', isAuthoritative: false };

/** The SOA record that each hosted zone begins with. */
export function soaOf(zone: string, suffix = 'localhost'): string {
  return `${zone}. 900 SOA ns-1.dns.${suffix}. hostmaster.${suffix}. 1 7200 900 1209600 86400`;
}

/** The four NS records that each hosted zone begins with. */
export function nameServersOf(zone: string): string[] {
  return [1, 2, 3, 4].map((number) => `${zone}. 172800 NS ns-${number}.dns.localhost.`);
}

export function nxdomain(zone: string): Partial<Said> {
  return { code: 'NXDOMAIN', authority: [soaOf(zone)] };
}

/** The name exists, and has no record of the type. */
export function nodata(zone: string): Partial<Said> {
  return { authority: [soaOf(zone)] };
}

function parse(text: string): Reply {
  const header = /opcode: (\w+)[,;] status: (\w+)[,;] id/.exec(text)!;
  const flags = (/^;; [Ff]lags: ([^;]*);/m.exec(text)?.[1] ?? '').split(' ').filter((flag) => flag !== '');
  const edns = /^; EDNS: version: (\d+), flags:[^;]*; udp: (\d+)/m.exec(text);
  const [question, answer, authority, additional] = SECTIONS.map((name) => sectionOf(text, name)) as [
    string[],
    string[],
    string[],
    string[],
  ];
  return {
    code: header[2]!,
    opcode: header[1]!,
    flags,
    isAuthoritative: flags.includes('aa'),
    question,
    answer,
    authority,
    additional,
    edns: edns ? { version: Number(edns[1]), udpBytes: Number(edns[2]) } : undefined,
    warnings: text.split('\n').filter((line) => /WARNING|mismatch|malformed|bad packet|extra bytes/i.test(line)),
    bytes: Number(/MSG SIZE {2}rcvd: (\d+)/.exec(text)?.[1]),
  };
}

function sectionOf(text: string, name: string): string[] {
  const body = new RegExp(`^;; ${name} SECTION:\\n((?:.+\\n)*)`, 'm').exec(text)?.[1] ?? '';
  return body
    .split('\n')
    .map((line) => line.replace(/^; ?/, '').replace(/\s+/g, ' ').replace(' IN ', ' ').trim())
    .filter((line) => line !== '');
}
