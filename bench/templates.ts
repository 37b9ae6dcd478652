// A two-way MOCK route whose reply is made by a template from the message, with and without a model, against a bare server that makes
// the same reply by hand.

import { atLeast, type Claim } from './claim.ts';
import { compareSides, MESSAGE } from './sides.ts';
import { mock } from './subject.ts';

/** Makes MESSAGE of MESSAGE. */
const TEMPLATE = `#set($in = $input.path('$')){"action":"$in.action","text":"$util.escapeJavaScript($in.text)"}`;
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
          routes: { echo: { ...mock(TEMPLATE), ...(schema !== undefined && { schema }) } },
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
