// Mapping templates in the language of API Gateway (VTL, websocket-apis 7): from text to a tree. Parsed once, when an integration
// is checked and when a deployment is compiled; render.ts renders the tree for each message. Nothing here runs a template.

import { TEMPLATE_BUDGET, TemplateProblem, type TemplateBudget } from './budget.ts';
import { readTemplate, type Macros } from './read-blocks.ts';
import { Reading } from './reading.ts';
import type { Block, Macro } from './tree.ts';

export interface Template {
  readonly block: Block;
  readonly macros: ReadonlyMap<string, Macro>;
  /** True when the template renders to the same text whatever it is given. */
  readonly isLiteral: boolean;
  /** That text; undefined for a template that must be rendered. */
  readonly literal: string | undefined;
}

const PATTERNS_CHECKED_MAX = 50;
const MACRO_NAME = /#(?:macro|\{macro\})[ \t]*\(\s*([A-Za-z_][A-Za-z0-9_-]*)/g;

/** The parsed template, or a sentence that says what is wrong with it and on which line. It never throws. */
export function parseTemplate(
  text: string,
  budget: TemplateBudget = TEMPLATE_BUDGET,
): Template | { readonly problem: string } {
  const bytes = Buffer.byteLength(text);
  if (bytes > budget.templateBytesMax) {
    return { problem: `the template has ${bytes} bytes, and may have ${budget.templateBytesMax}` };
  }
  const macros: Macros = new Map();
  const names = new Set<string>();
  for (const [, name] of text.matchAll(MACRO_NAME)) names.add(name!);
  const interpolate = (inner: Reading): Block => readTemplate(inner, macros);
  try {
    const block = readTemplate(
      new Reading(text, { budget, macros: names, interpolate, patterns: { left: PATTERNS_CHECKED_MAX } }),
      macros,
    );
    const literal = literalOf(block);
    return { block, macros, isLiteral: literal !== undefined, literal };
  } catch (error) {
    if (error instanceof TemplateProblem) return { problem: error.message };
    throw error;
  }
}

function literalOf(block: Block): string | undefined {
  if (block.length === 0) return '';
  const [only] = block;
  return block.length === 1 && typeof only === 'string' ? only : undefined;
}
