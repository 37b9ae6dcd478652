// Plain HTTPS requests to the approval page, as a browser, a mail scanner or somebody hostile would send them.

import { request, type RequestOptions } from 'node:https';
import { APPROVAL_PATH } from '../../src/dataplane/listen/approval-page.ts';
import type { TestGateway } from './gateway.ts';

export interface PageAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export interface PageRequest {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Connects to the gateway's TLS port whatever the host is called, and trusts its local CA alone. */
export function askPage(gateway: TestGateway, asked: PageRequest): Promise<PageAnswer> {
  const { method = 'GET', host = `localhost:${gateway.tlsPort}`, path = APPROVAL_PATH, headers = {}, body } = asked;
  const servername = host.replace(/:\d+$/, '');
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: gateway.tlsPort,
    method,
    path,
    ca: gateway.ca,
    headers: { Host: host, ...headers },
    agent: false,
    ...(/^[\d.]+$|^\[/.test(servername) ? {} : { servername }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export const look = (token: string, asked: PageRequest = {}): PageRequest => ({
  path: `${APPROVAL_PATH}?token=${token}`,
  ...asked,
});

/** The form as the page holds it. */
export function submit(token: string, asked: PageRequest = {}): PageRequest {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...asked.headers };
  return { method: 'POST', body: new URLSearchParams({ token }).toString(), ...asked, headers };
}
