// Brings both sides of a comparison up with their loads, and everything down again however it ends.

import { comparePerCpuSecond, type Settings, type Side } from './claim.ts';
import { startProgram, type Program } from './processes.ts';
import { baseTarget, baseTls, startSubject, type BaseTls, type Integration, type Target } from './subject.ts';

/** A two-way message, and what is replied to it: as long as it, so that both sides send the same bytes. */
export const MESSAGE = JSON.stringify({ action: 'echo', text: 'x'.repeat(96) });

export interface Sides {
  readonly routes: Readonly<Record<string, Integration>>;
  /** Further settings of the gateway. */
  readonly flags?: readonly string[];
  readonly base: { readonly file: string; settings(tls: BaseTls): unknown };
  readonly load: { readonly file: string; settings(target: Target): unknown };
  /** Asked of both loads before each time that counts. */
  readonly beforeEach?: unknown;
}

type Load = Program<unknown, unknown, number>;

/** Runs `use` with whatever it starts, and stops all of it afterwards, last first. */
export async function withStarted<T>(use: (started: <P extends { stop(): Promise<void> }>(p: P) => P) => Promise<T>) {
  const stops: (() => Promise<void>)[] = [];
  try {
    return await use((program) => {
      stops.push(() => program.stop());
      return program;
    });
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

export function compareSides({ routes, flags, base, load, beforeEach }: Sides, settings: Settings) {
  return withStarted(async (started) => {
    const tls = await baseTls();
    const gateway = started(await startSubject(settings.gatewayEnv, routes, flags));
    const bare = started(await startProgram<number>(base.file, base.settings(tls)));
    const side = async (pid: number, target: Target): Promise<Side> => {
      const program: Load = started(await startProgram(load.file, load.settings(target)));
      return {
        pid,
        prepare: async () => void (beforeEach === undefined || (await program.ask(beforeEach))),
        load: (ms) => program.ask(ms),
      };
    };
    return comparePerCpuSecond(
      await side(gateway.pid, gateway.target),
      await side(bare.pid, baseTarget(bare.ready, tls)),
      settings,
    );
  });
}
