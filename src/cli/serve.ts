// A gateway in this process: settings, limits, log, start, and signals that become a drain. `serve` is this and no more; `up` starts one
// where none runs.

import { createLog, type Log } from '../observe/log.ts';
import { adjustLimits } from '../settings/limits.ts';
import { readSettings, SettingsProblem, type FlagValues } from '../settings/read-settings.ts';
import {
  CONFIG_FILE_DEFAULT,
  CONFIG_FLAG,
  SETTING_ROWS,
  type SettingRow,
  type Settings,
} from '../settings/settings.ts';
import { StartProblem } from '../model/start-problem.ts';
import { Option, type Command } from 'commander';
import { repeatedOption } from './repeated-option.ts';

export interface Served {
  readonly settings: Settings;
  readonly log: Log;
  /** Where everything listens. */
  readonly addresses: Readonly<Record<string, unknown>>;
  /** Is waited for, at a signal, before anything is stopped. */
  beforeStop(work: () => Promise<unknown>): void;
  /** Drains. */
  close(): Promise<void>;
}

/** Every setting as an option of the command. */
export function addSettings(command: Command): Command {
  command.addOption(
    new Option(`--${CONFIG_FLAG} <FILE>`, `settings file (default: ./${CONFIG_FILE_DEFAULT} when it is there)`),
  );
  for (const row of SETTING_ROWS) command.addOption(optionOf(row));
  return command;
}

function optionOf(row: SettingRow): Option {
  const value = row.value === undefined ? '' : ` <${row.value}>`;
  const fallback = row.fallback === undefined ? '' : ` (default: ${row.fallback})`;
  const [flags, help] = [`--${row.flag}${value}`, `${row.help}${fallback}`];
  const option = row.repeats ? repeatedOption(flags, help) : new Option(flags, help);
  // A flag of work to come is refused with its reason, so it is known, but not offered.
  return row.later ? option.hideHelp() : option;
}

/** commander's camel case back to the flags that the settings are keyed by. */
export function flagsOf(options: Readonly<Record<string, unknown>>): FlagValues {
  const entries = Object.entries(options).map(([name, value]) => [
    name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`),
    value,
  ]);
  return Object.fromEntries(entries) as FlagValues;
}

/** `check` may throw: it is called when the settings are known, before anything is made or begun. */
export async function serveHere(options: Readonly<Record<string, unknown>>, check = () => {}): Promise<Served> {
  const settings = await readSettings(flagsOf(options), process.env);
  const wrongLimit = adjustLimits(settings.limits);
  if (wrongLimit !== undefined) throw new SettingsProblem(`--limit: ${wrongLimit}.`);
  check();
  const log = createLog(settings.logLevel, process.stderr.isTTY);
  process.on('unhandledRejection', (error) =>
    log.error('a promise was not handled', { error: (error as Error)?.stack ?? String(error) }),
  );
  // Only this command needs the server; the others answer sooner without it.
  const { startGateway } = await import('../main.ts');
  const gateway = await startGateway(settings, log).catch((error: unknown) => {
    throw error instanceof StartProblem ? new SettingsProblem(error.message) : error;
  });
  let isStopping = false;
  let before = () => Promise.resolve<unknown>(undefined);
  const stop = (signal: string) => {
    // A second signal does not wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info('shutting down', { signal, drainMs: settings.drainMs });
    const stopped = before().then(() => gateway.stop());
    stopped.then(
      () => process.exit(0),
      (error: Error) => {
        log.error('the shutdown failed', { error: error.stack });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGHUP', () => {
    if (settings.accountsFile !== undefined) void gateway.reloadAccounts();
    // The end of a terminal ends what was started on it; a service manager that asks for nothing to be read does no harm.
    else if (process.stdin.isTTY) stop('SIGHUP');
    else log.info('there is no accounts file to read anew', { signal: 'SIGHUP' });
  });
  return {
    settings,
    log,
    addresses: gateway.addresses,
    beforeStop: (work) => void (before = work),
    close: () => gateway.stop(),
  };
}
