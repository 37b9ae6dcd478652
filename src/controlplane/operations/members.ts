// Between the wire's member names (`ApiId`) and the model's (`apiId`), and between absent and undefined. Typed, so that a
// member that one side lacks does not compile.

type Uppercased<T> = { [K in keyof T as K extends string ? Capitalize<K> : never]: T[K] };
type Lowercased<T> = { [K in keyof T as K extends string ? Uncapitalize<K> : never]: T[K] };
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function renamed(record: object, rename: (name: string) => string): Record<string, unknown> {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [rename(name), value]));
}

/** `{apiId}` → `{ApiId}`, members of the first level only. */
export function toWire<T extends object>(record: T): Uppercased<T> {
  return renamed(record, (name) => name.charAt(0).toUpperCase() + name.slice(1)) as Uppercased<T>;
}

/** `{ApiId}` → `{apiId}`, members of the first level only; undefined ones are left out. */
export function fromWire<T extends object>(record: T): Defined<Lowercased<T>> {
  return renamed(record, (name) => name.charAt(0).toLowerCase() + name.slice(1)) as Defined<Lowercased<T>>;
}

/** The members that are there: for objects in which absent and undefined differ. */
export function present<T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}

/** A copy without some members. */
export function without<T extends object, K extends keyof T>(record: T, ...names: readonly K[]): Omit<T, K> {
  const copy = { ...record };
  for (const name of names) delete copy[name];
  return copy;
}

/** An object after a PATCH: members left out keep their value, and an empty text clears its member. */
export function patch<T extends object>(old: T, changes: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const patched = { ...old } as Record<string, unknown>;
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') delete patched[name];
    else if (value !== undefined) patched[name] = value;
  }
  return patched as T;
}

/** A map after a PATCH: given entries are set, and an empty text removes its entry (websocket-apis 1.6). */
export function patchMap(
  old: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>>,
): Record<string, string> {
  const merged = { ...old, ...changes };
  for (const [name, value] of Object.entries(merged)) if (value === '') delete merged[name];
  return merged;
}
