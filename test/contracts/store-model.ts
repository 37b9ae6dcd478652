// What chance finds in a store: random commits against a plain map, and random transactions at once whose outcome must be that
// of running them one after the other. A failure prints its seed; SALLYPORT_SEED runs that one again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Authority } from '../../src/model/certificate.ts';
import type { Fault } from '../../src/model/faults.ts';
import { reference, type Kind, type Kinds } from '../../src/model/kinds.ts';
import type { ChangeEvent, Page, Store, Transaction, View } from '../../src/store/contract.ts';
import { mapping, record, zone, type OpenStore } from './store-entities.ts';

const RUNS = 60;
const ACCOUNTS = ['000000000000', '111122223333'];
const REGIONS = ['eu-west-1', 'us-east-1'];
const ZONES = ['Z', 'Z0', 'Z1'];
const DOMAINS = ['a.example', 'b.example'];
const APIS = ['api', 'api1'];
const STAGES = ['live', 'test'];
const KINDS = ['hosted-zone', 'record-set', 'api-mapping'] as const;

type Entity = Kinds[(typeof KINDS)[number]];
interface Write {
  readonly kind: (typeof KINDS)[number];
  readonly id: string;
  /** Absent for a removal. */
  readonly entity?: Entity;
}

type Query = { readonly page: Page } & (
  | { readonly by: 'get'; readonly kind: Kind; readonly id: string }
  | { readonly by: 'all'; readonly kind: Kind }
  | { readonly by: 'children'; readonly kind: Kind; readonly parent: string }
  | { readonly by: 'owned'; readonly kind: Kind; readonly account: string; readonly region: string }
  | { readonly by: 'belonging'; readonly kind: Kind; readonly account: string }
  | { readonly by: 'referring'; readonly kind: Kind; readonly target: string }
);

const owner = { account: fc.constantFrom(...ACCOUNTS), region: fc.constantFrom(...REGIONS) };
const entities: fc.Arbitrary<Omit<Required<Write>, 'id'>> = fc.oneof(
  fc
    .record({ id: fc.constantFrom(...ZONES), recordSetCount: fc.nat(9), ...owner })
    .map(({ id, ...over }) => ({ kind: 'hosted-zone' as const, entity: zone(id, over) })),
  fc
    .record({ of: fc.constantFrom(...ZONES), label: fc.constantFrom('*', 'a', 'b'), ttl: fc.nat(9), ...owner })
    .map(({ of, label, ...over }) => ({ kind: 'record-set' as const, entity: record(of, label, over) })),
  fc
    .record({
      of: fc.constantFrom(...DOMAINS),
      apiId: fc.constantFrom(...APIS),
      stage: fc.constantFrom(...STAGES),
      ...owner,
    })
    .map(({ of, ...over }) => ({ kind: 'api-mapping' as const, entity: mapping(of, 'm', over) })),
);
const writes: fc.Arbitrary<readonly Write[]> = fc.array(
  fc
    .tuple(entities, fc.nat(3))
    .map(([{ kind, entity }, chance]) => (chance === 0 ? { kind, id: entity.id } : { kind, id: entity.id, entity })),
  { minLength: 1, maxLength: 5 },
);

const kinds = fc.constantFrom(...KINDS);
const pages: fc.Arbitrary<Page> = fc.oneof(
  fc.constant({}),
  fc.record({ limit: fc.nat(3) }),
  fc.record({ after: entities.map(({ entity }) => entity.id), limit: fc.nat(3) }),
);
const targets = fc.oneof(
  fc.constantFrom(...APIS).map((apiId) => reference.api(apiId)),
  fc.tuple(fc.constantFrom(...APIS), fc.constantFrom(...STAGES)).map(([apiId, stage]) => reference.stage(apiId, stage)),
);
const queries: fc.Arbitrary<Query> = fc.oneof(
  entities.map(({ kind, entity }) => ({ by: 'get' as const, kind, id: entity.id, page: {} })),
  fc.record({ by: fc.constant('all' as const), kind: kinds, page: pages }),
  fc.record({
    by: fc.constant('children' as const),
    kind: kinds,
    parent: fc.constantFrom(...ZONES, ...DOMAINS),
    page: pages,
  }),
  fc.record({ by: fc.constant('owned' as const), kind: kinds, ...owner, page: pages }),
  fc.record({ by: fc.constant('belonging' as const), kind: kinds, account: owner.account, page: pages }),
  fc.record({ by: fc.constant('referring' as const), kind: kinds, target: targets, page: pages }),
);

async function ask(view: View, query: Query): Promise<unknown> {
  switch (query.by) {
    case 'get':
      return view.get(query.kind, query.id);
    case 'all':
      return view.all(query.kind, query.page);
    case 'children':
      return view.children(query.kind, query.parent, query.page);
    case 'owned':
      return view.owned(query.kind, query.account, query.region, query.page);
    case 'belonging':
      return view.belonging(query.kind, query.account, query.page);
    case 'referring':
      return view.referring(query.kind, query.target, query.page);
  }
}

/** The store as a map: what it must answer, said in the plainest way. */
class Model {
  readonly #entities = new Map<string, { readonly kind: Kind; readonly entity: Entity }>();
  readonly view: View = {
    get: async (kind, id) => this.#entities.get(`${kind} ${id}`)?.entity as never,
    all: async (kind, page) => this.#list(kind, page, () => true),
    regions: async (kind) => [...new Set(this.#list(kind, undefined, () => true).map(({ region }) => region))].sort(),
    countOwned: async (kind, account, region) =>
      this.#list(kind, undefined, (entity) => entity.account === account && entity.region === region).length,
    children: async (kind, parent, page) =>
      this.#list(kind, page, (entity) =>
        'hostedZoneId' in entity
          ? entity.hostedZoneId === parent
          : 'domainName' in entity && entity.domainName === parent,
      ),
    owned: async (kind, account, region, page) =>
      this.#list(kind, page, (entity) => entity.account === account && entity.region === region),
    belonging: async (kind, account, page) => this.#list(kind, page, (entity) => entity.account === account),
    referring: async (kind, target, page) =>
      this.#list(
        kind,
        page,
        (entity) =>
          'apiId' in entity && [`api:${entity.apiId}`, `stage:${entity.apiId}/${entity.stage}`].includes(target),
      ),
  };

  apply({ kind, id, entity }: Write): void {
    if (entity) this.#entities.set(`${kind} ${id}`, { kind, entity });
    else this.#entities.delete(`${kind} ${id}`);
  }

  #list(kind: Kind, page: Page | undefined, belongs: (entity: Entity) => boolean): never[] {
    return [...this.#entities.values()]
      .filter((row) => row.kind === kind && belongs(row.entity) && row.entity.id > (page?.after ?? ''))
      .map(({ entity }) => entity)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, page?.limit) as never[];
  }
}

function writeTo(transaction: Transaction, { kind, id, entity }: Write): void {
  if (entity) transaction.put(kind, entity as never);
  else transaction.remove(kind, id);
}

async function clear(store: Store): Promise<void> {
  await store.transact(async (tx) => {
    for (const kind of [...KINDS, 'authority'] as const) {
      for (const { id } of await tx.all(kind)) tx.remove(kind, id);
    }
  });
}

async function assertSame(store: Store, model: Model): Promise<void> {
  for (const kind of KINDS) assert.deepEqual(await store.view.all(kind), await model.view.all(kind), kind);
}

/** Tells which transaction a commit is of. */
function marker(n: number): Authority {
  return {
    id: `t${n}`,
    account: ACCOUNTS[0]!,
    region: REGIONS[0]!,
    certificatePem: '',
    keyPairReference: '',
    notAfterMs: n,
  };
}

const seed = process.env['SALLYPORT_SEED'];
const PARAMETERS = { numRuns: RUNS, ...(seed === undefined ? {} : { seed: Number(seed) }) };

export function modelTests(open: OpenStore): void {
  test('random commits leave every list as a plain map would have it', async (t) => {
    const store = await open(t);
    const steps = fc.array(fc.record({ writes, queries: fc.array(queries, { maxLength: 4 }) }), { maxLength: 10 });
    const property = fc.asyncProperty(steps, async (all) => {
      await clear(store);
      const model = new Model();
      for (const step of all) {
        await store.transact(async (tx) => step.writes.forEach((one) => writeTo(tx, one)));
        for (const one of step.writes) model.apply(one);
        for (const query of step.queries) {
          assert.deepEqual(await ask(store.view, query), await ask(model.view, query), JSON.stringify(query));
        }
      }
      await assertSame(store, model);
    });
    await fc.assert(property, PARAMETERS);
  });

  test('random transactions at once end as if they had run one after the other', async (t) => {
    const store = await open(t);
    let events: ChangeEvent[] = [];
    store.onChange((event) => void events.push(event));
    const transactions = fc.array(fc.record({ queries: fc.array(queries, { maxLength: 3 }), writes }), {
      minLength: 2,
      maxLength: 7,
    });
    const property = fc.asyncProperty(transactions, async (all) => {
      await clear(store);
      events = [];
      const answers: unknown[][] = [];
      const outcomes = await Promise.allSettled(
        all.map((one, n) =>
          store.transact(async (tx) => {
            answers[n] = [];
            for (const query of one.queries) answers[n].push(await ask(tx, query));
            one.writes.forEach((each) => writeTo(tx, each));
            tx.put('authority', marker(n));
          }),
        ),
      );
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') assert.equal((outcome.reason as Fault).code, 'ConflictException');
      }
      const model = new Model();
      const order = events.map(({ changes }) => changes.find(({ kind }) => kind === 'authority')!);
      for (const committed of order) {
        const n = (committed.after as Authority).notAfterMs;
        for (const [position, query] of all[n]!.queries.entries()) {
          assert.deepEqual(answers[n]![position], await ask(model.view, query), `t${n} read ${JSON.stringify(query)}`);
        }
        for (const one of all[n]!.writes) model.apply(one);
      }
      assert.equal(order.length, outcomes.filter(({ status }) => status === 'fulfilled').length);
      await assertSame(store, model);
    });
    await fc.assert(property, PARAMETERS);
  });
}
