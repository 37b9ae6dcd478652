// Pages of other sites in a real browser, on the machine of a developer whose gateway knows no accounts: they know the credentials, and
// still cannot drive the control port, by any request that a page can make and by no name that leads to it. The data plane is for pages.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, describe, test, after } from 'node:test';
import { CreateDeploymentCommand, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { startBrowser, type Browser, type Page } from '../harness/browser.ts';
import { startEchoBackend, type EchoBackend } from '../harness/echo-backend.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { missing } from '../harness/peers.ts';
import { signerOf } from '../harness/signer.ts';
import { addRoute, ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

const ATTACKER = 'attacker.test';
/** Leads to the gateway itself by now. */
const REBOUND = 'rebound.test';
const CREATE_API = JSON.stringify({
  name: 'planted',
  protocolType: 'WEBSOCKET',
  routeSelectionExpression: '$request.body.action',
});

/** A request to the control port that is signed in its query, as anybody can who knows test/test. */
async function presigned(method: string, host: string, path: string, service = 'apigateway'): Promise<string> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const request = { method, protocol: 'http:', hostname: host, path, query: {}, headers: { host } };
  const { query } = await signerOf(credentials, service, REGION).presign(request, { expiresIn: 600 });
  return `${path}?${new URLSearchParams(query).toString().replaceAll('+', '%20')}`;
}

/** What a page can make its visitor's browser send, by name: each is given a URL and the body of CreateApi. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  'a GET without CORS': `await fetch(url, { mode: 'no-cors' })`,
  'a GET with credentials': `await fetch(url, { mode: 'no-cors', credentials: 'include' })`,
  'a GET with CORS': `await fetch(url).then(() => { throw 'it was read' }, () => {})`,
  'a POST without CORS': `await fetch(url, { method: 'POST', mode: 'no-cors', body })`,
  'a POST of a form': `await fetch(url, { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ body }) })`,
  'an image': `await new Promise((done) => { const image = new Image(); image.onerror = image.onload = done; image.src = url })`,
  'a script': `await new Promise((done) => { const script = document.createElement('script'); script.onerror = script.onload = done; script.src = url; document.head.append(script) })`,
  'a beacon': `navigator.sendBeacon(url, body)`,
  'a keep-alive POST': `await fetch(url, { method: 'POST', mode: 'no-cors', keepalive: true, body })`,
  'an XMLHttpRequest': `await new Promise((done) => { const request = new XMLHttpRequest(); request.onloadend = done; request.open('POST', url); request.send(body) })`,
  'an EventSource': `await new Promise((done) => { const source = new EventSource(url); source.onerror = () => { source.close(); done() } })`,
  'a frame': `await new Promise((done) => { const frame = document.createElement('iframe'); frame.onload = done; frame.src = url; document.body.append(frame) })`,
  'a sandboxed frame, whose origin is null': `await new Promise((done) => { const frame = document.createElement('iframe'); frame.sandbox = 'allow-scripts'; frame.onload = done; frame.srcdoc = '<img src="' + url.replaceAll('&', '&amp;') + '">'; document.body.append(frame) })`,
  'a form': `await new Promise((done) => {
    const frame = document.createElement('iframe'); frame.name = url; document.body.append(frame);
    const form = document.createElement('form');
    Object.assign(form, { action: url, method: 'POST', enctype: 'text/plain', target: url });
    form.append(Object.assign(document.createElement('input'), { name: body.slice(0, -1) + ',"x":"', value: '"}' }));
    document.body.append(form); frame.onload = done; form.submit() })`,
  'a WebSocket': `await new Promise((done) => { const socket = new WebSocket(url.replace('http', 'ws')); socket.onopen = () => { throw 'it is open' }; socket.onerror = socket.onclose = done })`,
};
/** These are made with a preflight, which is all that is ever sent. */
const PREFLIGHTS: Readonly<Record<string, string>> = {
  'a signed header': `await fetch(url, { method: 'POST', headers: given, body }).then(() => { throw 'it was sent' }, () => {})`,
  'a body of JSON': `await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(() => { throw 'it was sent' }, () => {})`,
  'a method of its own': `await fetch(url, { method: 'DELETE' }).then(() => { throw 'it was sent' }, () => {})`,
};

describe('a page of another site', { skip: missing('chromium') }, () => {
  let gateway: TestGateway;
  let browser: Browser;
  let backend: EchoBackend;
  let controlPort: string;
  let attackerPort: number;
  const ends: (() => unknown)[] = [];
  const owner = { after: (end: () => unknown) => void ends.unshift(end) };
  before(async () => {
    gateway = await startTestGateway(owner);
    controlPort = gateway.ready.control[0]!.split(':')[1]!;
    backend = await startEchoBackend(owner);
    const attacker = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>win a prize</title><body>');
    });
    await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
    owner.after(() => {
      attacker.closeAllConnections();
      attacker.close();
    });
    attackerPort = (attacker.address() as AddressInfo).port;
    browser = await startBrowser(owner, [ATTACKER, REBOUND]);
  });
  after(async () => {
    for (const end of ends) await end();
  });

  /** What was said of requests to the path: the steps that refused them. */
  const stepsOf = (path: string) =>
    gateway.logged().flatMap(({ target, step }) => (target === path ? [String(step)] : []));

  async function nothingWasMade(): Promise<void> {
    assert.deepEqual((await gateway.clients.gateway.send(new GetApisCommand({}))).Items, []);
  }

  let paths = 0;
  async function attempt(page: Page, script: string, host: string): Promise<string[]> {
    const path = `/v2/apis/attempt${(paths += 1)}`;
    const url = `http://${host}${await presigned('GET', host, path)}`;
    const body = Buffer.from(CREATE_API);
    const scope = { region: REGION, service: 'apigateway' };
    const given = signRequest(
      { method: 'POST', target: path, host, body },
      { accessKeyId: 'test', secret: 'test' },
      scope,
      Date.now(),
    );
    const values = `const [url, body, given] = ${JSON.stringify([url, CREATE_API, given])};`;
    await page.evaluate(`(async () => { ${values} ${script} })()`);
    return eventually(`${script} is refused`, () => {
      const steps = stepsOf(path);
      return steps.length > 0 ? steps : undefined;
    });
  }

  for (const site of [`http://${ATTACKER}`, 'http://localhost', 'http://app.localhost', 'http://127.0.0.1']) {
    test(`at ${site}, another port, gets no request through`, async (t) => {
      const page = await browser.open(`${site}:${attackerPort}/`);
      for (const [name, script] of Object.entries({ ...ATTEMPTS, ...PREFLIGHTS })) {
        for (const host of [`127.0.0.1:${controlPort}`, `localhost:${controlPort}`]) {
          await t.test(`${name}, to ${host}`, async () => {
            const steps = await attempt(page, script, host);
            assert.deepEqual([...new Set(steps)], ['foreign-request']);
          });
        }
      }
      await nothingWasMade();
    });
  }

  test('the same URL is answered when it is no page that asks', async () => {
    const host = `127.0.0.1:${controlPort}`;
    const answer = await fetch(`http://${host}${await presigned('GET', host, '/v2/apis')}`);
    assert.equal(answer.status, 200);
  });

  test('whose name leads to the control port by now is of no use, though all is of its own origin', async () => {
    const host = `${REBOUND}:${controlPort}`;
    const page = await browser.open(`http://${host}/_sallyport/health`);
    assert.equal(await page.location(), `http://${host}/_sallyport/health`);
    const body = Buffer.from(CREATE_API);
    const request = { method: 'POST', target: '/v2/apis', host, body };
    const headers = signRequest(
      request,
      { accessKeyId: 'test', secret: 'test' },
      { region: REGION, service: 'apigateway' },
      Date.now(),
    );
    const answers = await page.evaluate<[number, string][]>(`(async () => {
      const ask = async (...asked) => { const answer = await fetch(...asked); return [answer.status, await answer.text()] };
      return [
        await ask('/_sallyport/health'),
        await ask('/_sallyport/ca.pem'),
        await ask(${JSON.stringify(await presigned('GET', host, '/v2/apis'))}),
        await ask('/v2/apis', { method: 'POST', headers: ${JSON.stringify(headers)}, body: ${JSON.stringify(CREATE_API)} }),
      ] })()`);
    for (const [status, text] of answers) {
      assert.equal(status, 403, text);
      assert.match(text, /The Host 'rebound\.test' is not a name of this control port/);
    }
    await assert.rejects(
      page.evaluate(
        `new Promise((done, fail) => { const socket = new WebSocket('ws://' + location.host + '/'); socket.onopen = done; socket.onerror = () => fail(new Error('refused')) })`,
      ),
      /refused/,
    );
    await nothingWasMade();
  });

  test('may connect to the data plane, as on AWS, and the backend is told its Origin', async () => {
    const { apiId, stage } = await makeApi(gateway.clients, {
      $connect: backend.routes['$connect']!,
      $default: { target: mock('$context.connectionId'), isTwoWay: true },
    });
    await addRoute(gateway.clients, apiId, '$disconnect', {});
    await gateway.clients.gateway.send(new CreateDeploymentCommand({ ApiId: apiId, StageName: stage }));
    const url = pathForm(gateway, { apiId, stage });
    const page = await browser.open(`http://${ATTACKER}:${attackerPort}/`);
    const reply = await page.evaluate<string>(`new Promise((done, fail) => {
      const socket = new WebSocket(${JSON.stringify(url)});
      socket.onopen = () => socket.send('{}');
      socket.onmessage = ({ data }) => done(data);
      socket.onerror = () => fail(new Error('refused')) })`);
    assert.match(reply, /^[\w-]+=+$/);
    const { headers } = backend.asked.at(-1)!;
    assert.equal(headers['origin'], `http://${ATTACKER}:${attackerPort}`);

    // Calling back takes a signature in headers, which no page may send there.
    const client = await openSocket(gateway, url);
    const id = await ask(client, '{}');
    const host = `localhost:${gateway.tlsPort}`;
    const path = `${new URL(url).pathname}/@connections/${encodeURIComponent(id)}`;
    const posted = await presigned('POST', host, path, 'execute-api');
    await page.evaluate(
      `fetch(${JSON.stringify(`https://${host}${posted}`)}, { method: 'POST', mode: 'no-cors', body: 'planted' })`,
    );
    await eventually('the callback is refused', () => gateway.logged().find(({ step }) => step === 'callback'));
    assert.equal(await ask(client, '{}'), id, 'nothing came before the reply');
  });
});
