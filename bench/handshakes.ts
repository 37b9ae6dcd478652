// Full TLS handshakes with a P-256 certificate up to an open socket, $connect route included, against bare `https` and `ws`.

import { atLeast, type Claim } from './claim.ts';
import { compareSides, MESSAGE } from './sides.ts';
import { mock } from './subject.ts';

export const claim: Claim = {
  title: 'full TLS handshakes to an open socket (P-256, no resumption), against bare https + ws',
  async measure(settings) {
    const compared = await compareSides(
      {
        routes: { $connect: mock(''), echo: mock(MESSAGE) },
        base: { file: './bases/echo.ts', settings: (tls) => tls },
        load: { file: './load/handshakes.ts', settings: (target) => target },
      },
      settings,
    );
    return [atLeast(0.8, 'handshakes to open, per CPU-second', compared)];
  },
};
