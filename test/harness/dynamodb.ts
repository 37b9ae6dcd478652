// DynamoDB as dynalite has it: tables in memory, the documents and errors of the real one. It takes any signature.

import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import type { Owner } from './gateway.ts';

type Dynalite = (options: { createTableMs: number }) => Server & { closeAllConnections(): void };

const require = createRequire(import.meta.url);

export interface DynamoDb {
  readonly url: string;
  /** One call of the control plane's own. */
  call(action: string, input: object): Promise<Record<string, unknown>>;
}

export async function startDynamoDb(owner: Owner): Promise<DynamoDb> {
  // It has no types.
  const dynalite = require('dynalite') as Dynalite;
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async call(action, input) {
      const headers = {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${action}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=a',
        'x-amz-date': '20260101T000000Z',
      };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
      return (await response.json()) as Record<string, unknown>;
    },
  };
}
