// An AWS_PROXY route over wss against `ws` and `undici` by hand: both call the same function, behind the Lambda Invoke API.

import { atLeast, type Claim } from './claim.ts';
import { startProgram } from './processes.ts';
import { compareSides, MESSAGE, withStarted } from './sides.ts';
import { REGION } from './subject.ts';

const FUNCTION_ARN = `arn:aws:lambda:${REGION}:000000000000:function:echo`;
/** What the function returns. */
const OUTPUT = JSON.stringify({ statusCode: 200, body: MESSAGE });

export const claim: Claim = {
  title: 'AWS_PROXY route over wss, against bare https + ws + undici.request that builds an event and reads an output',
  measure(settings) {
    return withStarted(async (started) => {
      const { connections } = settings;
      const lambda = started(await startProgram<string>('./load/backend.ts', OUTPUT));
      const functionUrl = `${lambda.ready}/2015-03-31/functions/${encodeURIComponent(FUNCTION_ARN)}/invocations`;
      const compared = await compareSides(
        {
          flags: ['--lambda-endpoint', lambda.ready],
          routes: {
            echo: {
              IntegrationType: 'AWS_PROXY',
              IntegrationMethod: 'POST',
              IntegrationUri: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${FUNCTION_ARN}/invocations`,
            },
          },
          base: { file: './bases/aws-proxy.ts', settings: (tls) => ({ tls, functionUrl }) },
          load: { file: './load/messages.ts', settings: (target) => ({ target, connections, message: MESSAGE }) },
        },
        settings,
      );
      return [atLeast(0.7, 'AWS_PROXY, messages per CPU-second', compared)];
    });
  },
};
