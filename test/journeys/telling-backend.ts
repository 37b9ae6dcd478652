// A backend that answers every event with what it was told of it, as JSON.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Owner } from '../harness/gateway.ts';
import type { Target } from '../harness/sockets.ts';

const TOLD = ['eventType', 'apiId', 'stage', 'domainName', 'domainPrefix', 'connectionId'] as const;

export interface TellingBackend {
  /** An integration that leads here. */
  readonly target: Target;
}

export async function startTellingBackend(owner: Owner): Promise<TellingBackend> {
  const backend = createServer((request, response) => {
    request.resume();
    response.end(
      JSON.stringify(Object.fromEntries(TOLD.map((name) => [name, request.headers[`x-${name.toLowerCase()}`]]))),
    );
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  owner.after(() => {
    backend.closeAllConnections();
    backend.close();
  });
  return {
    target: {
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'POST',
      IntegrationUri: `http://127.0.0.1:${(backend.address() as AddressInfo).port}/`,
      RequestParameters: Object.fromEntries(
        TOLD.map((name) => [`integration.request.header.x-${name}`, `context.${name}`]),
      ),
    },
  };
}
