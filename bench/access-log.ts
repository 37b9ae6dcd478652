// A two-way MOCK route with an access log against the same gateway without one: what a line for each message costs, written to a file.

import { atLeast, comparePerCpuSecond, median, type Claim, type Compared, type Settings, type Side } from './claim.ts';
import { startProgram, type Program } from './processes.ts';
import { MESSAGE, withStarted } from './sides.ts';
import { mock, REGION, startSubject, type StageSettings } from './subject.ts';

/** What people log. */
const VARIABLES = [
  'requestId',
  'requestTime',
  'eventType',
  'routeKey',
  'status',
  'connectionId',
  'messageId',
  'domainName',
  'identity.sourceIp',
  'identity.userAgent',
  'integrationLatency',
  'error.message',
];
const LOGGED: StageSettings = {
  AccessLogSettings: {
    DestinationArn: `arn:aws:logs:${REGION}:000000000000:log-group:bench`,
    Format: `{${VARIABLES.map((name) => `"${name}":"$context.${name}"`).join(',')}}`,
  },
};
const ROUTES = { echo: mock(MESSAGE) };

/** The same program is faster in one process than in another, by more than a log costs: several of each are compared. */
const PAIRS = 5;
const ROUNDS_OF_A_PAIR = 3;

type Load = Program<unknown, unknown, number>;

export const claim: Claim = {
  title: 'two-way MOCK route with an access log of 12 variables, against the same gateway without a log',
  async measure(settings) {
    const rounds = Math.min(settings.rounds, ROUNDS_OF_A_PAIR);
    const pairs: Compared[] = [];
    while (pairs.length < Math.min(settings.rounds, PAIRS)) pairs.push(await comparePair({ ...settings, rounds }));
    const compared = {
      gateway: median(pairs.map(({ gateway }) => gateway)),
      base: median(pairs.map(({ base }) => base)),
      ratios: pairs.flatMap(({ ratios }) => ratios),
    };
    return [atLeast(0.85, 'access log on to off, messages per CPU-second', compared)];
  },
};

function comparePair(settings: Settings): Promise<Compared> {
  return withStarted(async (started) => {
    const side = async (stage: StageSettings): Promise<Side> => {
      const { pid, target } = started(await startSubject(settings.gatewayEnv, ROUTES, [], stage));
      const { connections } = settings;
      const load: Load = started(await startProgram('./load/messages.ts', { target, connections, message: MESSAGE }));
      return { pid, prepare: async () => {}, load: (ms) => load.ask(ms) };
    };
    return comparePerCpuSecond(await side(LOGGED), await side({}), settings);
  });
}
