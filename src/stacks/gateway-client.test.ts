// The client of `up` and a gateway that is busy, odd, or away.

import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createGatewayClient, UnreachableProblem } from './gateway-client.ts';
import { OperationProblem } from './wire-call.ts';

const credentials = { accessKeyId: 'test', secret: 'test' };

/** Answers each request by the next of these, and the last one again. */
async function stand(context: TestContext, ...answers: readonly ((response: ServerResponse) => void)[]) {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    answers[Math.min(asked, answers.length - 1)]!(response);
    asked += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked: () => asked, client: createGatewayClient({ endpoint, credentials, region: 'us-east-1' }) };
}

const answer =
  (status: number, body: string, type = '') =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'x-amzn-errortype': type }).end(body);

void test('what is throttled is asked again', async (context) => {
  const throttled = answer(429, '{"message":"Rate Exceeded"}', 'TooManyRequestsException');
  const { client, asked } = await stand(context, throttled, answer(200, '{"apiId":"a1"}'));
  assert.deepEqual(await client.call('apigatewayv2', 'GetApi', { ApiId: 'a1' }), { ApiId: 'a1' });
  assert.equal(asked(), 2);
});

void test('what is refused is not', async (context) => {
  const { client, asked } = await stand(context, answer(409, '{"message":"m"}', 'ConflictException'));
  await assert.rejects(client.call('apigatewayv2', 'GetApi', { ApiId: 'a1' }), OperationProblem);
  assert.equal(asked(), 1);
});

void test('a page of something else is told by its status', async (context) => {
  const { client } = await stand(context, answer(404, '<html>not here</html>'));
  await assert.rejects(client.page('GET', '/_sallyport/stacks'), /the answer to GET \/_sallyport\/stacks was 404/);
});

void test('who hangs up in the middle, and who is not there, is unreachable', async (context) => {
  const { client } = await stand(context, (response) => void response.socket!.destroy());
  await assert.rejects(client.page('GET', '/_sallyport/stacks'), UnreachableProblem);
});
