// Resident memory of an idle wss connection: what 2,000 of them add to a process that has 2,000 already.

import { compared, median, type Claim, type Settings } from './claim.ts';
import { residentBytes, startProgram } from './processes.ts';
import { MESSAGE, withStarted } from './sides.ts';
import { baseTarget, baseTls, mock, startSubject, wait, type Target } from './subject.ts';

const BUDGET = 1.25;

export const claim: Claim = {
  title: 'resident memory of an idle wss connection, against bare https + ws',
  async measure(settings) {
    const figures: { gateway: number; base: number }[] = [];
    for (let round = 0; round < Math.min(settings.rounds, 3); round += 1) {
      figures.push({ gateway: await ofGateway(settings), base: await ofBase(settings) });
    }
    const { gateway, base, ratios } = compared(figures);
    const text = (bytes: number) => `${(bytes / 1_024).toFixed(1)} KiB`;
    const what = 'memory of an idle connection';
    const budget = `≤ ${BUDGET.toFixed(2)}`;
    return [{ what, gateway: text(gateway), base: text(base), ratios, budget, isMet: median(ratios) <= BUDGET }];
  },
};

function ofGateway(settings: Settings): Promise<number> {
  return withStarted(async (started) => {
    const gateway = started(await startSubject(settings.gatewayEnv, { echo: mock(MESSAGE) }));
    return perConnection(gateway.pid, gateway.target, settings);
  });
}

function ofBase(settings: Settings): Promise<number> {
  return withStarted(async (started) => {
    const tls = await baseTls();
    const base = started(await startProgram<number>('./bases/echo.ts', tls));
    return perConnection(base.pid, baseTarget(base.ready, tls), settings);
  });
}

function perConnection(pid: number, target: Target, { idleConnections, settleMs }: Settings): Promise<number> {
  return withStarted(async (started) => {
    const load = started(await startProgram<true, number, number>('./load/idle.ts', target));
    // The first ones make the heap grow to its working size, which no connection owns.
    await load.ask(idleConnections);
    await wait(settleMs);
    const before = residentBytes(pid);
    await load.ask(idleConnections);
    await wait(settleMs);
    return (residentBytes(pid) - before) / idleConnections;
  });
}
