// A real browser, driven as its own tools drive it: Debian's Chromium without a window, over the DevTools protocol. What a page does
// in it is what it does for a visitor.

import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { next, WAIT_MS } from './eventually.ts';
import type { Owner } from './gateway.ts';
import { PEERS, runPeer } from './peers.ts';

export interface Browser {
  /** Opens a page and waits until it is loaded. */
  open(url: string): Promise<Page>;
}

export interface Page {
  /** Where it is. */
  location(): Promise<string>;
  /** Runs an expression in the page, and resolves to what it comes to, promises included; rejects with what it throws. */
  evaluate<T>(expression: string): Promise<T>;
  /** Types into the field that the selector finds, as its visitor would, and presses Enter. */
  enter(selector: string, text: string): Promise<void>;
  /** A PNG of the window. */
  screenshot(): Promise<Buffer>;
  close(): Promise<void>;
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

const QUIET = [
  '--headless=new',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
  '--remote-debugging-port=0',
];

export interface BrowserOptions {
  /** A root that its user has installed. Without it certificates are not looked at. */
  readonly root?: string;
  /** Of its window, in pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** `names` are those that lead to this machine, as if their owner's name server said so. */
export async function startBrowser(
  owner: Owner,
  names: readonly string[],
  { root, width = 800, height = 600 }: BrowserOptions = {},
): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'sallyport-browser-'));
  if (root !== undefined) await installRoot(profile, root);
  const rules = names.map((name) => `MAP ${name} 127.0.0.1`).join(', ');
  const sandbox = process.geteuid?.() === 0 ? ['--no-sandbox'] : [];
  const trust = root === undefined ? ['--ignore-certificate-errors'] : [];
  const window = [`--user-data-dir=${profile}`, `--window-size=${width},${height}`];
  const args = [...QUIET, ...sandbox, ...window, ...(rules === '' ? [] : [`--host-resolver-rules=${rules}`]), ...trust];
  const child = spawn(PEERS.chromium.path, [...args, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: profile },
    // The launcher is a script: the browser is ended with it, by their group.
    detached: true,
  });
  const exited = once(child, 'exit');
  owner.after(async () => {
    process.kill(-child.pid!, 'SIGKILL');
    await exited;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  const said: string[] = [];
  const seen = new EventEmitter();
  createInterface({ input: child.stderr! }).on('line', (line) => {
    said.push(line);
    const url = /^DevTools listening on (ws:\S+)$/.exec(line)?.[1];
    if (url) seen.emit('listening', url);
  });
  const failed = exited.then(() => {
    throw new Error(`the browser ended:\n${said.join('\n')}`);
  });
  failed.catch(() => {});
  const [url] = await Promise.race([next<[string]>(seen, 'listening'), failed]);
  return drive(new WebSocket(url, { perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 }));
}

/** Into the store of the browser's user, whose home its profile is. */
async function installRoot(home: string, root: string): Promise<void> {
  const store = join(home, '.pki', 'nssdb');
  const file = join(home, 'root.pem');
  await mkdir(store, { recursive: true });
  await writeFile(file, root);
  for (const args of [
    ['-N', '--empty-password'],
    ['-A', '-t', 'C,,', '-n', 'sallyport', '-i', file],
  ]) {
    const { code, stderr } = await runPeer('certutil', ['-d', `sql:${store}`, ...args]);
    if (code !== 0) throw new Error(`certutil ${args.join(' ')}: ${stderr}`);
  }
}

async function drive(socket: WebSocket): Promise<Browser> {
  await next(socket, 'open');
  const replies = new EventEmitter().setMaxListeners(0);
  socket.on('message', (data) => {
    const reply = JSON.parse(String(data)) as Reply;
    if (reply.id === undefined) replies.emit(`${reply.sessionId} ${reply.method}`);
    else replies.emit(`reply ${reply.id}`, reply);
  });
  let asked = 0;
  const send = async <T>(method: string, params: object, sessionId?: string): Promise<T> => {
    const id = (asked += 1);
    const answered = next<[Reply]>(replies, `reply ${id}`);
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    const [{ result, error }] = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  };
  return {
    async open(url) {
      const { targetId } = await send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
      await send('Page.enable', {}, sessionId);
      const loaded = next(replies, `${sessionId} Page.loadEventFired`);
      const { errorText } = await send<{ errorText?: string }>('Page.navigate', { url }, sessionId);
      if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
      await loaded;
      const close = () => send<void>('Target.closeTarget', { targetId });
      return pageOf((method, params) => send(method, params, sessionId), close);
    },
  };
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
}

function pageOf(send: <T>(method: string, params: object) => Promise<T>, close: () => Promise<void>): Page {
  const evaluate = async <T>(expression: string): Promise<T> => {
    const options = { awaitPromise: true, returnByValue: true, userGesture: true, timeout: WAIT_MS };
    const { result, exceptionDetails } = await send<Evaluated>('Runtime.evaluate', { expression, ...options });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as T;
  };
  return {
    evaluate,
    close,
    location: () => evaluate('location.href'),
    async enter(selector, text) {
      await evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
      await send('Input.insertText', { text });
      const key = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' };
      await send('Input.dispatchKeyEvent', { type: 'keyDown', ...key });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
    },
    async screenshot() {
      const { data } = await send<{ data: string }>('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(data, 'base64');
    },
  };
}
