// What a backend that is no proxy is sent for one event (websocket-apis 3.9): the template that is selected, rendered; else the message
// as it is, unless passthroughBehavior refuses that.

import { refuse, type Refusal } from '../../model/faults.ts';
import { evaluateSelection } from '../../protocol/selection-expression.ts';
import { renderTemplate } from '../../protocol/vtl/render.ts';
import type { Overrides } from '../../protocol/vtl/variables.ts';
import type { ReadyTemplate, RequestMapping, TemplateChoice } from '../../snapshot/compile-integration.ts';
import type { IntegrationEvent } from './event-context.ts';
import { requestVariables } from './template-variables.ts';

const STEP = 'integrate';
/** Keys that are tried without, or after, a selection expression. */
const FALLBACK_KEYS = ['$default', 'application/json'] as const;

export interface MappedRequest {
  readonly body: Buffer;
  /** The template that made the body; undefined for the message as it is. */
  readonly made: ReadyTemplate | undefined;
  /** What the template asked for beside its text. */
  readonly overrides: Overrides | undefined;
}

export function mapRequest(request: RequestMapping, event: IntegrationEvent): MappedRequest | Refusal {
  const template = chosenTemplate(request.choice, (selection) => evaluateSelection(selection, event.document));
  if (!template) return passedThrough(request, event);
  if (template.bytes) return converted(request, { body: template.bytes, made: template, overrides: undefined });
  const rendered = renderTemplate(template.template, requestVariables(event));
  if ('problem' in rendered) return refuse('ConfigurationError', STEP, `the request template: ${rendered.problem}`);
  return converted(request, { body: Buffer.from(rendered.text), made: template, overrides: rendered.overrides });
}

/** The template of the selected key, else of a key that always counts. */
export function chosenTemplate(
  { selection, templates }: TemplateChoice,
  evaluate: (selection: NonNullable<TemplateChoice['selection']>) => string,
): ReadyTemplate | undefined {
  if (templates.size === 0) return undefined;
  const selected = selection && templates.get(evaluate(selection));
  if (selected) return selected;
  const key = FALLBACK_KEYS.find((one) => templates.has(one));
  return key === undefined ? undefined : templates.get(key);
}

function passedThrough(request: RequestMapping, event: IntegrationEvent): MappedRequest | Refusal {
  const { passthrough, choice } = request;
  if (passthrough === 'NEVER' || (passthrough === 'WHEN_NO_TEMPLATES' && choice.templates.size > 0)) {
    return refuse(
      'UnsupportedMediaType',
      STEP,
      `no request template was selected, and passthroughBehavior is ${passthrough}`,
    );
  }
  return converted(request, { body: event.body, made: undefined, overrides: undefined });
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function converted({ contentHandling }: RequestMapping, mapped: MappedRequest): MappedRequest | Refusal {
  if (contentHandling !== 'CONVERT_TO_BINARY') return mapped;
  const text = mapped.body.toString().trim();
  if (!BASE64.test(text))
    return refuse(
      'ConfigurationError',
      STEP,
      'contentHandlingStrategy is CONVERT_TO_BINARY, and the payload is not Base64',
    );
  return { ...mapped, body: Buffer.from(text, 'base64') };
}
