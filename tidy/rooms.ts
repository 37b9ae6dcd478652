// The import table: which room of src/ may know which other rooms. A room always knows itself; only main.ts, which
// wires the rooms together, knows nearly all of them.

const IMPORTS = {
  cli: ['main.ts', 'settings', 'model', 'observe', 'protocol', 'identity', 'store', 'stacks', 'ambient'],
  settings: ['model', 'ambient'],
  model: [],
  ambient: [],
  protocol: [],
  observe: ['model', 'ambient', 'settings'],
  identity: ['model', 'ambient', 'settings', 'observe', 'protocol'],
  'controlplane/wire': ['model', 'ambient', 'settings', 'observe', 'protocol', 'identity'],
  'controlplane/operations': ['model', 'ambient', 'settings', 'store', 'delivery', 'protocol', 'identity'],
  operator: ['model', 'ambient', 'settings', 'observe', 'identity', 'snapshot', 'protocol'],
  store: ['model', 'ambient', 'settings', 'observe'],
  publish: ['model', 'ambient', 'observe', 'store', 'snapshot', 'protocol'],
  snapshot: ['model', 'protocol'],
  dataplane: ['model', 'ambient', 'settings', 'observe', 'protocol', 'snapshot', 'delivery', 'identity'],
  delivery: ['model', 'ambient', 'observe'],
  functions: ['model', 'ambient', 'settings', 'observe', 'protocol'],
  certificates: ['model', 'ambient', 'settings', 'observe', 'protocol', 'store'],
  dns: ['model', 'ambient', 'settings', 'observe', 'protocol', 'snapshot'],
  stacks: ['model', 'ambient', 'settings', 'protocol'],
} as const satisfies Record<string, readonly string[]>;

export const ROOMS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['main.ts', Object.keys(IMPORTS).filter((room) => room !== 'cli')],
  ...Object.entries(IMPORTS),
]);

/** The room a file below src/ belongs to, or undefined. Files directly in controlplane/ hold the operation contract. */
export function roomOf(path: string): string | undefined {
  const inside = path.replace(/^src\//, '');
  if (inside === path) return undefined;
  if (inside === 'main.ts' || inside === 'main.test.ts' || inside.startsWith('main/')) return 'main.ts';
  if (/^controlplane\/[^/]+$/.test(inside)) return 'controlplane/operations';
  const [first = '', second = ''] = inside.split('/');
  if (first === inside) return undefined;
  return [`${first}/${second}`, first].find((room) => ROOMS.has(room));
}
