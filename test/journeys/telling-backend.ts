// A backend that answers every event with what it was told of it, as JSON, and keeps it.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Owner } from '../harness/gateway.ts';
import type { Target } from '../harness/sockets.ts';

const TOLD = ['eventType', 'apiId', 'stage', 'domainName', 'domainPrefix', 'connectionId'] as const;

/** The members are those of the context, in its words. */
export type Told = Readonly<Record<(typeof TOLD)[number], string>>;

export interface TellingBackend {
  /** What was told so far. */
  readonly told: readonly Told[];
  /** An integration that leads here. */
  readonly target: Target;
}

export async function startTellingBackend(owner: Owner): Promise<TellingBackend> {
  const told: Told[] = [];
  const backend = createServer((request, response) => {
    const members = TOLD.map((name) => [name, request.headers[`x-${name.toLowerCase()}`]]);
    const one = Object.fromEntries(members) as Told;
    request.resume();
    told.push(one);
    response.end(JSON.stringify(one));
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  owner.after(() => {
    backend.closeAllConnections();
    backend.close();
  });
  return {
    told,
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
