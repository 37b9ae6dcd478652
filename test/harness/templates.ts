// Renders a template in one line of a test, given as much of an event as the test is about.

import { renderTemplate, type RenderedTemplate } from '../../src/protocol/vtl/render.ts';
import { parseTemplate } from '../../src/protocol/vtl/template.ts';
import type { ContextMember, TemplateVariables } from '../../src/protocol/vtl/variables.ts';

export interface GivenEvent {
  readonly body?: string;
  readonly params?: Partial<TemplateVariables['params']>;
  readonly context?: Readonly<Record<string, ContextMember | undefined>>;
  readonly stageVariables?: Readonly<Record<string, string>>;
}

export function variablesOf(given: GivenEvent = {}): TemplateVariables {
  const { body = '', context = {} } = given;
  return {
    body,
    document: () => parsed(body),
    params: { path: {}, querystring: {}, header: {}, ...given.params },
    context: {
      names: () => Object.keys(context),
      member: (name) => (Object.hasOwn(context, name) ? context[name] : undefined),
    },
    stageVariables: given.stageVariables ?? {},
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    // The payload is no JSON, which templates see as no document.
    return undefined;
  }
}

/** What a template does for an event: a problem of parsing and one of rendering look the same. */
export function outcome(template: string, given?: GivenEvent): RenderedTemplate | { readonly problem: string } {
  const parsedTemplate = parseTemplate(template);
  return 'problem' in parsedTemplate ? parsedTemplate : renderTemplate(parsedTemplate, variablesOf(given));
}

/** The text of a template; a problem as a sentence that begins with `problem:`. */
export function rendered(template: string, given?: GivenEvent): string {
  const result = outcome(template, given);
  return 'problem' in result ? `problem: ${result.problem}` : result.text;
}
