// Logs of stages as a test reads them, from the files of a gateway; and a call of `@connections`, signed, without a client of the SDK.

import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { eventually } from './eventually.ts';
import { REGION, type TestGateway } from './gateway.ts';

/** Written at once, as far as a test is concerned. */
export const PROMPT_LOGS = ['--limit', 'logWriteAfterMs=5'];

export const DEVELOPMENT_ACCOUNT = '000000000000';

export function logGroupArn(name: string, account = DEVELOPMENT_ACCOUNT): string {
  return `arn:aws:logs:${REGION}:${account}:log-group:${name}`;
}

/** The lines of a log that is there; `name` is the path of its file below account and region, without `.log`. */
export async function logLines(gateway: TestGateway, name: string, account = DEVELOPMENT_ACCOUNT): Promise<string[]> {
  const path = join(gateway.dataDir, 'logs', account, REGION, `${name}.log`);
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1);
}

/** Resolves to all lines as soon as one of them fits. */
export function logWith(
  gateway: TestGateway,
  name: string,
  fits: (line: string) => boolean,
  account?: string,
): Promise<string[]> {
  return eventually(`a line in ${name} fits ${String(fits)}`, async () => {
    const lines = await logLines(gateway, name, account);
    return lines.some(fits) ? lines : undefined;
  });
}

interface CalledBack {
  readonly method?: 'POST' | 'GET' | 'DELETE';
  readonly body?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secret: string };
  readonly userAgent?: string;
}

/** Resolves to the status. */
export function callBack(
  gateway: TestGateway,
  { apiId, stage }: { apiId: string; stage: string },
  connectionId: string,
  { method = 'POST', body: text = '', credentials, userAgent = 'caller/1.0' }: CalledBack = {},
): Promise<number> {
  const target = `/_aws/execute-api/${apiId}/${stage}/@connections/${encodeURIComponent(connectionId)}`;
  const body = Buffer.from(text);
  const host = `localhost:${gateway.tlsPort}`;
  const keys = credentials ?? { accessKeyId: 'test', secret: 'test' };
  const signature = signRequest(
    { method, target, host, body },
    keys,
    { region: REGION, service: 'execute-api' },
    Date.now(),
  );
  const headers = { ...signature, 'user-agent': userAgent, 'content-length': String(body.length) };
  return new Promise((resolve, reject) => {
    request({ host: 'localhost', port: gateway.tlsPort, path: target, method, headers, ca: gateway.ca, agent: false })
      .on('response', (response) => {
        response.resume().on('end', () => resolve(response.statusCode!));
      })
      .on('error', reject)
      .end(body);
  });
}
