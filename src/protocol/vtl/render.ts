// Renders a parsed template with what one event gives it. It runs to its end in one turn of the event loop and never throws:
// a template that fails or costs too much (budget.ts) is one problem and leaves nothing behind.

import { performance } from 'node:perf_hooks';
import { TEMPLATE_BUDGET, TemplateProblem, type TemplateBudget } from './budget.ts';
import { isTrue } from './compare.ts';
import { assign, evaluate, resolve, type Scope } from './evaluate.ts';
import { show } from './show.ts';
import type { Template } from './template.ts';
import type { Block, Expression, Macro, Node } from './tree.ts';
import { Drawable, Range, type Value } from './values.ts';
import {
  ContextHost,
  elementsOf,
  ForeachHost,
  InputHost,
  NO_OVERRIDES,
  RecordHost,
  UTIL_HOST,
  type Overrides,
  type TemplateVariables,
} from './variables.ts';

export interface RenderedTemplate {
  readonly text: string;
  readonly overrides: Overrides;
}

/** The text of the template for one event, or a sentence that says why there is none. It holds nothing of the event. */
export function renderTemplate(
  template: Template,
  variables: TemplateVariables,
  budget: TemplateBudget = TEMPLATE_BUDGET,
): RenderedTemplate | { readonly problem: string } {
  if (template.literal !== undefined) return { text: template.literal, overrides: NO_OVERRIDES };
  const context = new ContextHost(variables);
  const rendering = new Rendering(template.macros, budget);
  rendering.variables.set('input', new InputHost(variables));
  rendering.variables.set('context', context);
  rendering.variables.set('stageVariables', new RecordHost(variables.stageVariables));
  rendering.variables.set('util', UTIL_HOST);
  try {
    const text = rendering.draw(template.block);
    return { text, overrides: context.overrides(rendering) };
  } catch (error) {
    if (error instanceof TemplateProblem) return { problem: error.message };
    // Every bound is counted; should one be too wide for this stack or heap, the template ends, and nothing else.
    if (error instanceof RangeError) return { problem: 'the template nests too deeply or makes too much' };
    throw error;
  }
}

/** How a block ended: by itself, by `#break` or by `#stop`. */
type End = 'done' | 'break' | 'stop';

/** Units of work between two looks at the clock. */
const STEPS_PER_LOOK = 2_048;

class Rendering implements Scope {
  readonly variables = new Map<string, Value>();
  readonly budget: TemplateBudget;
  readonly #macros: ReadonlyMap<string, Macro>;
  readonly #startedAtMs = performance.now();
  #steps = 0;
  #nextLook = STEPS_PER_LOOK;
  #depth = 0;
  #text = '';
  #isStopped = false;

  constructor(macros: ReadonlyMap<string, Macro>, budget: TemplateBudget) {
    this.#macros = macros;
    this.budget = budget;
  }

  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps < this.#nextLook) return;
    if (this.#steps > this.budget.stepsMax) {
      throw new TemplateProblem(`the template takes more than ${this.budget.stepsMax} steps`);
    }
    this.#nextLook = this.#steps + STEPS_PER_LOOK;
    this.watchClock();
  }

  watchClock(): void {
    if (performance.now() - this.#startedAtMs > this.budget.timeMs) {
      throw new TemplateProblem(`the template takes longer than ${this.budget.timeMs} ms`);
    }
  }

  made(text: string): string {
    this.#countCharacters(text.length);
    return text;
  }

  join(parts: readonly string[], separator: string): string {
    let characters = separator.length * Math.max(0, parts.length - 1);
    for (const part of parts) characters += part.length;
    this.#countCharacters(characters);
    return parts.join(separator);
  }

  #countCharacters(characters: number): void {
    if (characters > this.budget.stringCharactersMax) {
      throw new TemplateProblem(`the template makes a text of more than ${this.budget.stringCharactersMax} characters`);
    }
    this.spend(characters >> 4);
  }

  draw(block: Block): string {
    const around = this.#text;
    this.#text = '';
    this.#block(block);
    const drawn = this.#text;
    this.#text = around;
    return drawn;
  }

  #write(text: string): void {
    if (text === '') return;
    this.#text += text;
    if (this.#text.length > this.budget.outputCharactersMax) {
      throw new TemplateProblem(`the template renders to more than ${this.budget.outputCharactersMax} characters`);
    }
  }

  #block(block: Block): End {
    this.#depth += 1;
    if (this.#depth > this.budget.depthMax) {
      throw new TemplateProblem(`macros and blocks nest deeper than ${this.budget.depthMax} levels`);
    }
    let end: End = 'done';
    for (const part of block) {
      this.spend(1);
      if (typeof part === 'string') this.#write(part);
      else end = this.#node(part);
      if (this.#isStopped) end = 'stop';
      if (end !== 'done') break;
    }
    this.#depth -= 1;
    return end;
  }

  #node(node: Node): End {
    switch (node.kind) {
      case 'reference':
        this.#write(show(resolve(node, this), this));
        return 'done';
      case 'set':
        assign(node.target, evaluate(node.value, this), this);
        return 'done';
      case 'if':
        for (const { condition, body } of node.branches) {
          if (isTrue(evaluate(condition, this))) return this.#block(body);
        }
        return node.otherwise ? this.#block(node.otherwise) : 'done';
      case 'foreach':
        return this.#foreach(node.name, evaluate(node.over, this), node.body);
      case 'define':
        this.variables.set(node.name, new Drawable(node.body));
        return 'done';
      case 'macro-call':
        return this.#macro(node.name, node.values, node.body);
      case 'break':
        return 'break';
      case 'stop':
        this.#isStopped = true;
        return 'stop';
    }
  }

  #foreach(name: string, over: Value, body: Block): End {
    const elements = over instanceof Range ? undefined : elementsOf(over, this);
    const size = over instanceof Range ? over.size : (elements?.length ?? 0);
    if (size === 0) return 'done';
    const loop = new ForeachHost(size, this.variables.get('foreach') ?? null);
    const restore = this.#shadow([name, 'foreach', 'velocityCount', 'velocityHasNext']);
    this.variables.set('foreach', loop);
    for (let index = 0; index < (elements?.length ?? size); index += 1) {
      if (index === this.budget.iterationsMax) {
        throw new TemplateProblem(`#foreach goes round more than ${this.budget.iterationsMax} times`);
      }
      loop.index = index;
      this.variables.set(name, over instanceof Range ? over.at(index) : (elements?.[index] ?? null));
      this.variables.set('velocityCount', index + 1);
      this.variables.set('velocityHasNext', index + 1 < size);
      const end = this.#block(body);
      if (end === 'stop') return 'stop';
      if (end === 'break') break;
    }
    restore();
    return 'done';
  }

  /** A macro sees the variables of its caller; its parameters stand over them while it runs. */
  #macro(name: string, given: readonly Expression[], body: Block | undefined): End {
    const macro = this.#macros.get(name);
    if (!macro) return 'done';
    const values = given.map((one) => evaluate(one, this));
    const restore = this.#shadow(body ? [...macro.parameters, 'bodyContent'] : macro.parameters);
    macro.parameters.forEach((parameter, index) => this.variables.set(parameter, values[index] ?? null));
    if (body) this.variables.set('bodyContent', new Drawable(body));
    const end = this.#block(macro.body);
    restore();
    return end === 'stop' ? 'stop' : 'done';
  }

  /** Remembers what some names mean; the answer gives them that meaning again. */
  #shadow(names: readonly string[]): () => void {
    const before = names.map((name) => this.variables.get(name) ?? null);
    return () => names.forEach((name, index) => this.variables.set(name, before[index] ?? null));
  }
}
