// The pools of all functions, by account and name. A function that is not like that any more keeps its pool until what is under way has
// ended, beside the one that takes its place.

import type { FunctionSetting } from '../settings/function-setting.ts';
import type { FunctionPool } from './function-pool.ts';

export class FunctionPools {
  readonly #make: (setting: FunctionSetting, account: string) => FunctionPool;
  readonly #pools = new Map<string, FunctionPool>();
  readonly #retired = new Set<FunctionPool>();

  constructor(make: (setting: FunctionSetting, account: string) => FunctionPool) {
    this.#make = make;
  }

  of(setting: FunctionSetting, account: string): FunctionPool {
    const key = `${account}/${setting.name}`;
    const old = this.#pools.get(key);
    if (old?.setting === setting) return old;
    if (old) this.#retire(key, old);
    const pool = this.#make(setting, account);
    this.#pools.set(key, pool);
    return pool;
  }

  find(account: string, name: string): FunctionPool | undefined {
    return this.#pools.get(`${account}/${name}`);
  }

  retire(setting: FunctionSetting): void {
    for (const [key, pool] of this.#pools) if (pool.setting === setting) this.#retire(key, pool);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values(), ...this.#retired].map((pool) => pool.close()));
  }

  #retire(key: string, pool: FunctionPool): void {
    this.#pools.delete(key);
    this.#retired.add(pool);
    pool.retire(() => this.#retired.delete(pool));
  }
}
