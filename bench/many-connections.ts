// The path of a message where thousands of sockets are open and all of them talk: two-way MOCK against a bare echo.

import { atLeast, type Claim } from './claim.ts';
import { compareSides, MESSAGE } from './sides.ts';
import { mock } from './subject.ts';

export const claim: Claim = {
  title: 'two-way MOCK route over wss with few and with very many connections, against a bare https + ws echo',
  async measure(settings) {
    const measure = (connections: number) =>
      compareSides(
        {
          routes: { echo: mock(MESSAGE) },
          base: { file: './bases/echo.ts', settings: (tls) => tls },
          load: { file: './load/messages.ts', settings: (target) => ({ target, connections, message: MESSAGE }) },
        },
        settings,
      );
    const [few, many] = settings.manyConnections;
    return [
      atLeast(0.7, `two-way MOCK, ${few.toLocaleString('en')} connections`, await measure(few)),
      atLeast(0.7, `two-way MOCK, ${many.toLocaleString('en')} connections`, await measure(many)),
    ];
  },
};
