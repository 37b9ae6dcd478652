// @connections POST with its signature verified, over kept-alive TLS, against a bare server that sends the body to the socket.

import { atLeast, type Claim } from './claim.ts';
import { compareSides, MESSAGE } from './sides.ts';
import { mock } from './subject.ts';

export const claim: Claim = {
  title: '@connections POST, signature verified, kept-alive TLS, against a bare https server that does ws.send',
  async measure(settings) {
    const connections = Math.min(settings.connections, 32);
    const compared = await compareSides(
      {
        routes: { echo: mock(MESSAGE) },
        base: { file: './bases/callbacks.ts', settings: (tls) => tls },
        load: { file: './load/callbacks.ts', settings: (target) => ({ target, connections }) },
        beforeEach: 'sign',
      },
      settings,
    );
    return [atLeast(0.5, '@connections POST per CPU-second', compared)];
  },
};
