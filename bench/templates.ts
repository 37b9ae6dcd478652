// A two-way MOCK route with a template that looks at the message and one that makes the reply, with and without a model, against a bare server that makes
// the same reply by hand.

import { atLeast, type Claim } from './claim.ts';
import { compareSides, MESSAGE } from './sides.ts';
import { mock } from './subject.ts';

/** Looks at the message; the answer of a MOCK is empty, so the reply is made of what is around it. */
const REQUEST = `#set($in = $input.path('$')){"statusCode": #if($in.action == 'echo' && $in.text.length() > 0)200#{else}400#end}`;
/** Makes MESSAGE. */
const REPLY = `{"action":"$context.routeKey","text":"#foreach($i in [1..12])xxxxxxxx#end"}`;
const SCHEMA = JSON.stringify({
  $schema: 'http://json-schema.org/draft-04/schema#',
  type: 'object',
  required: ['action', 'text'],
  properties: { action: { type: 'string', enum: ['echo'] }, text: { type: 'string', minLength: 1, maxLength: 256 } },
});

export const claim: Claim = {
  title:
    'two-way MOCK route with a template, and with a model, against a bare https + ws server that makes the same reply',
  async measure(settings) {
    const { connections } = settings;
    const measure = (schema?: string) =>
      compareSides(
        {
          routes: {
            echo: { ...mock(REPLY), RequestTemplates: { $default: REQUEST }, ...(schema !== undefined && { schema }) },
          },
          base: { file: './bases/templates.ts', settings: (tls) => ({ tls, isValidated: schema !== undefined }) },
          load: { file: './load/messages.ts', settings: (target) => ({ target, connections, message: MESSAGE }) },
        },
        settings,
      );
    return [
      atLeast(0.5, 'MOCK with a template, messages per CPU-second', await measure()),
      atLeast(0.5, 'MOCK with a template and a model, messages per CPU-second', await measure(SCHEMA)),
    ];
  },
};
