// An HTTP_PROXY route over wss against `ws` and `undici` by hand, both with the same backend process.

import { atLeast, type Claim } from './claim.ts';
import { startProgram } from './processes.ts';
import { compareSides, MESSAGE, withStarted } from './sides.ts';

export const claim: Claim = {
  title: 'HTTP_PROXY route over wss, against bare https + ws + undici.request to the same backend',
  measure(settings) {
    return withStarted(async (started) => {
      const { connections } = settings;
      const backend = started(await startProgram<string>('./load/backend.ts', MESSAGE));
      const compared = await compareSides(
        {
          routes: {
            echo: {
              IntegrationType: 'HTTP_PROXY',
              IntegrationMethod: 'POST',
              IntegrationUri: backend.ready,
              RequestParameters: { 'integration.request.header.x-connection-id': 'context.connectionId' },
            },
          },
          base: { file: './bases/http-proxy.ts', settings: (tls) => ({ tls, backendUrl: backend.ready }) },
          load: { file: './load/messages.ts', settings: (target) => ({ target, connections, message: MESSAGE }) },
        },
        settings,
      );
      return [atLeast(0.8, 'HTTP_PROXY, messages per CPU-second', compared)];
    });
  },
};
