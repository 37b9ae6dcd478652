// What the operator is told of the server's keys: their names, their age and how much lies under them, never a key.

interface KeyRow {
  readonly id: string;
  readonly purpose: string;
  readonly createdAtMs: number;
  /** Undefined for what seals no key pairs. */
  readonly keyPairs: number | undefined;
}

interface Rotation {
  /** Numbers of data keys. */
  readonly from: number;
  readonly to: number;
  readonly isRunning: boolean;
  readonly resealed: number;
  readonly left: number;
  readonly problem: string | undefined;
}

/**
 * The keys at rest, as whoever holds them tells of them.
 * @port keys
 */
export interface Keys {
  report(): Promise<{
    readonly masterKey: { readonly name: string; readonly isReplacedByRotation: boolean };
    readonly keys: readonly KeyRow[];
    readonly rotation: Rotation | undefined;
  }>;
  /** Resolves when a rotation is begun for good; it goes on by itself. Refusals are thrown as faults. */
  rotate(): Promise<void>;
}

/** The page as it is sent. */
export async function keysPage(source: Keys): Promise<unknown> {
  const { masterKey, keys, rotation } = await source.report();
  return {
    masterKey,
    keys: keys.map(({ createdAtMs, ...key }) => ({ ...key, createdAt: new Date(createdAtMs).toISOString() })),
    rotation,
  };
}
