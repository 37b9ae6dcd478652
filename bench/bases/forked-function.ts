// A child of forked-functions.ts: the handler, event by event.

import { createRequire } from 'node:module';

type Handler = (event: unknown) => Promise<object>;

const { handler } = createRequire(import.meta.url)(process.argv[2]!) as { handler: Handler };
process.on('disconnect', () => process.exit());
process.on('message', (event) => {
  void handler(event).then((output) => process.send!(output));
});
