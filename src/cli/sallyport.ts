// The command line: `serve` starts main.ts and turns signals into a drain; the other commands ask a running gateway, or keep
// its data directory. Problems are one line.

import { Command, Option } from 'commander';
import { readVersion } from '../settings/version.ts';
import { createLog, printProblem, printReady } from '../observe/log.ts';
import { adjustLimits } from '../settings/limits.ts';
import { readSettings, SettingsProblem, type FlagValues } from '../settings/read-settings.ts';
import { StartProblem } from '../model/start-problem.ts';
import { CommandProblem } from './command-problem.ts';
import { CONFIG_FILE_DEFAULT, CONFIG_FLAG, SETTING_ROWS, type SettingRow } from '../settings/settings.ts';

const EXAMPLES = `
Examples:
  sallyport serve
  sallyport serve --data-dir ./data --tls 127.0.0.1:9443 --dns off
  SALLYPORT_REGION=eu-west-1 sallyport serve --clock movable

Every flag is also a variable (--data-dir is SALLYPORT_DATA_DIR) and a key in ${CONFIG_FILE_DEFAULT} (data-dir: ./data).
`;

const PROGRAM_EXAMPLES = `
Examples:
  sallyport serve
  sallyport explain wss://ws.example.com/myservice
  sallyport domains
  sallyport domains ws.example.com
  sallyport tail --errors
  sallyport connections
  sallyport zones
  sallyport certificates
  sallyport keys rotate
  sallyport backup ./sallyport-backup.tar
  sallyport doctor
  sallyport accounts add --name team-a
  sallyport trust > sallyport-ca.pem
  sallyport serve --help

Exit codes: 0 all is well, 1 something needs a hand, 2 the command could not be done.
`;

/** The exit code of a command that could not be done: 1 says that it could, and that something needs a hand. */
const UNDONE = 2;

function optionOf(row: SettingRow): Option {
  const value = row.value === undefined ? '' : ` <${row.value}${row.repeats ? '...' : ''}>`;
  const fallback = row.fallback === undefined ? '' : ` (default: ${row.fallback})`;
  const option = new Option(`--${row.flag}${value}`, `${row.help}${fallback}`);
  // A flag of work to come is refused with its reason, so it is known, but not offered.
  return row.later ? option.hideHelp() : option;
}

/** commander's camel case back to the flags that the settings are keyed by. */
function flagsOf(options: Readonly<Record<string, unknown>>): FlagValues {
  const entries = Object.entries(options).map(([name, value]) => [
    name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`),
    value,
  ]);
  return Object.fromEntries(entries) as FlagValues;
}

async function serve(options: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = await readSettings(flagsOf(options), process.env);
  const wrongLimit = adjustLimits(settings.limits);
  if (wrongLimit !== undefined) throw new SettingsProblem(`--limit: ${wrongLimit}.`);
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
  const stop = (signal: string) => {
    // A second signal does not wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info('shutting down', { signal, drainMs: settings.drainMs });
    gateway.stop().then(
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
  printReady(gateway.addresses);
}

const program = new Command('sallyport')
  .description(
    'A WebSocket API gateway on your own domain names, wire-compatible with API Gateway v2, ACM and Route 53.',
  )
  .version(readVersion())
  .addHelpText('after', PROGRAM_EXAMPLES)
  .showHelpAfterError('(sallyport --help shows what there is)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : UNDONE));

const serveCommand = program.command('serve').description('start the gateway').addHelpText('after', EXAMPLES);
serveCommand.addOption(
  new Option(`--${CONFIG_FLAG} <FILE>`, `settings file (default: ./${CONFIG_FILE_DEFAULT} when it is there)`),
);
for (const row of SETTING_ROWS) serveCommand.addOption(optionOf(row));
serveCommand.action(serve);

// Only `serve` has to start fast and small: what the other commands need is loaded for them alone.
if (process.argv[2] !== 'serve') {
  (await import('./asking-commands.ts')).addAskingCommands(program);
  (await import('./seeing-commands.ts')).addSeeingCommands(program);
  (await import('./keeping-commands.ts')).addKeepingCommands(program);
}

try {
  await program.parseAsync();
} catch (error) {
  const isForeseen = [SettingsProblem, CommandProblem, StartProblem].some((kind) => error instanceof kind);
  printProblem(
    isForeseen
      ? (error as Error).message
      : `failed for a reason that was not foreseen: ${(error as Error).stack ?? String(error)}`,
  );
  process.exit(UNDONE);
}
