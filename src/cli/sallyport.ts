// The command line: `serve` starts main.ts and turns signals into a drain; the other commands ask a running gateway, keep its data
// directory, or bring a template up on it. Problems are one line.

import { Command } from 'commander';
import { readVersion } from '../settings/version.ts';
import { printProblem, printReady } from '../observe/log.ts';
import { SettingsProblem } from '../settings/read-settings.ts';
import { StartProblem } from '../model/start-problem.ts';
import { CommandProblem } from './command-problem.ts';
import { addSettings, serveHere } from './serve.ts';
import { CONFIG_FILE_DEFAULT } from '../settings/settings.ts';

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
  sallyport up template.yaml
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

async function serve(options: Readonly<Record<string, unknown>>): Promise<void> {
  printReady((await serveHere(options)).addresses);
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
addSettings(serveCommand).action(serve);

// Only `serve` has to start fast and small: what the other commands need is loaded for them alone.
if (process.argv[2] !== 'serve') {
  (await import('./asking-commands.ts')).addAskingCommands(program);
  (await import('./seeing-commands.ts')).addSeeingCommands(program);
  (await import('./keeping-commands.ts')).addKeepingCommands(program);
  (await import('./stack-commands.ts')).addStackCommands(program);
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
