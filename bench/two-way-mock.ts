// A two-way MOCK route over wss against a bare echo: what the path of a message itself costs.

import { atLeast, type Claim } from './claim.ts';
import { compareSides, MESSAGE } from './sides.ts';
import { mock } from './subject.ts';

export const claim: Claim = {
  title: 'two-way MOCK route over wss, against a bare https + ws echo that parses each message',
  async measure(settings) {
    const { connections } = settings;
    const compared = await compareSides(
      {
        routes: { echo: mock(MESSAGE) },
        base: { file: './bases/echo.ts', settings: (tls) => tls },
        load: { file: './load/messages.ts', settings: (target) => ({ target, connections, message: MESSAGE }) },
      },
      settings,
    );
    return [atLeast(0.7, 'two-way MOCK, messages per CPU-second', compared)];
  },
};
