// The record of a stack, as the gateway keeps it: read once, and put after every step with the revision that was read or put last, so that
// whoever changes it at the same time is noticed, and a kill forgets nothing that was made.

import { createHash, randomUUID } from 'node:crypto';
import { limit } from '../settings/limits.ts';
import type { StackResource } from '../model/stack.ts';
import type { GatewayClient } from './gateway-client.ts';
import type { FunctionDefinition } from './resource-type.ts';
import { FUNCTION_TYPE } from './types/function.ts';

/** What the gateway says of itself with every stack. */
export interface GatewayFacts {
  /** A digest of its token: which gateway it is, to whoever has the token. */
  readonly id: string;
  /** `localhost:8443` */
  readonly urlSuffix: string;
  readonly serviceEndpoints: Readonly<Record<string, string>>;
}

interface ShownStack {
  readonly name: string;
  readonly revision: number;
  readonly template: string;
  readonly underWay?: string;
  readonly resources: readonly StackResource[];
  readonly outgoing: readonly StackResource[];
}

export interface StackPage {
  readonly account: string;
  readonly region: string;
  readonly stack: ShownStack;
  readonly gateway: GatewayFacts;
}

export function readStack(client: GatewayClient, name: string): Promise<StackPage> {
  return client.page('GET', pageOf(name)) as Promise<StackPage>;
}

const pageOf = (name: string) => `/_sallyport/stack?name=${encodeURIComponent(name)}`;

export const gatewayIdOf = (codeToken: string) => createHash('sha256').update(codeToken).digest('hex');

const BEATS_PER_RUN = 3;

export class StackRecord {
  readonly name: string;
  readonly #client: GatewayClient;
  readonly #codeToken: string | undefined;
  readonly #resources: Map<string, StackResource>;
  #outgoing: StackResource[];
  /** By name: those that the gateway does not know like that yet. */
  readonly #definitions = new Map<string, FunctionDefinition>();
  #order: readonly string[];
  #revision: number;
  /** Whose changes these are, to the gateway. */
  readonly #run = randomUUID();
  #isRunning = false;
  #underWay: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  template: string;
  /** What was being made when somebody else ended. */
  readonly interrupted: string | undefined;

  constructor(client: GatewayClient, { stack }: StackPage, codeToken: string | undefined) {
    this.#client = client;
    this.#codeToken = codeToken;
    this.name = stack.name;
    this.template = stack.template;
    this.interrupted = stack.underWay;
    this.#revision = stack.revision;
    this.#resources = new Map(stack.resources.map((one) => [one.logicalId, one]));
    this.#outgoing = [...stack.outgoing];
    this.#order = stack.resources.map(({ logicalId }) => logicalId);
  }

  /** False for one that the gateway has nothing of. */
  get isThere(): boolean {
    return this.#revision > 0;
  }

  /** In the order in which they are made. */
  get resources(): readonly StackResource[] {
    const place = (id: string) => (this.#order.includes(id) ? this.#order.indexOf(id) : -1);
    return [...this.#resources.values()].sort((a, b) => place(a.logicalId) - place(b.logicalId));
  }

  get outgoing(): readonly StackResource[] {
    return this.#outgoing;
  }

  find(logicalId: string): StackResource | undefined {
    return this.#resources.get(logicalId);
  }

  /** Logical ids in the order of making: what is not among them comes first. */
  setOrder(order: readonly string[]): void {
    this.#order = order;
  }

  /** The old one, if there is one of another physical id, becomes outgoing. */
  set(resource: StackResource, definition?: FunctionDefinition): void {
    const old = this.#resources.get(resource.logicalId);
    if (old && (old.physicalId !== resource.physicalId || old.type !== resource.type)) this.#outgoing.push(old);
    this.#resources.set(resource.logicalId, resource);
    if (definition) this.#definitions.set(definition.name, definition);
  }

  drop(logicalId: string): void {
    this.#resources.delete(logicalId);
  }

  dropOutgoing(resource: StackResource): void {
    this.#outgoing = this.#outgoing.filter((one) => one !== resource);
  }

  /** The one that was outgoing is the one that there is again. */
  restore(resource: StackResource): void {
    this.dropOutgoing(resource);
    this.#resources.set(resource.logicalId, resource);
  }

  /** `underWay`: what is made next. Throws OperationProblem; ConflictException where somebody else changes it. */
  put(underWay?: string): Promise<void> {
    this.#underWay = underWay;
    this.#isRunning = true;
    return this.#inTurn();
  }

  /** Does the work as one run: until its end nobody else may change the stack. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const beat = setInterval(
      () => void (this.#isRunning && this.#inTurn().catch(() => {})),
      limit('stackRunMs') / BEATS_PER_RUN,
    );
    try {
      return await work();
    } finally {
      clearInterval(beat);
      // Where it cannot be told it is over by itself soon.
      if (this.#isRunning) await this.#end().catch(() => {});
    }
  }

  async #end(): Promise<void> {
    this.#isRunning = false;
    this.#underWay = undefined;
    await this.#inTurn();
  }

  #inTurn(): Promise<void> {
    const turn = this.#turn.then(() => this.#send());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #send(): Promise<void> {
    const { resources } = this;
    const all = [...resources, ...this.#outgoing];
    const names = new Set(all.filter(({ type }) => type === FUNCTION_TYPE).map(({ physicalId }) => physicalId));
    const functions = [...names].map((name) => this.#definitions.get(name) ?? { name });
    const body = {
      revision: this.#revision,
      template: this.template,
      ...(this.#underWay !== undefined && { underWay: this.#underWay }),
      ...(this.#isRunning ? { run: this.#run } : { ends: this.#run }),
      resources,
      outgoing: this.#outgoing,
      functions,
      ...(this.#codeToken !== undefined && { codeToken: this.#codeToken }),
    };
    const { revision } = (await this.#client.page('PUT', pageOf(this.name), body)) as { revision: number };
    this.#revision = revision;
    this.#definitions.clear();
  }

  /** A definition that was not taken is not offered again. */
  forgetDefinitions(): void {
    this.#definitions.clear();
  }

  async remove(): Promise<void> {
    await this.#turn;
    this.#isRunning = false;
    await this.#client.page('DELETE', `${pageOf(this.name)}&revision=${this.#revision}&run=${this.#run}`);
    this.#revision = 0;
  }
}
