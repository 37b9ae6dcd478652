// The command line: `serve` starts main.ts and turns signals into a drain; the other commands ask a running gateway. Problems
// are one line.

import { Command, Option } from 'commander';
import { readVersion } from '../settings/version.ts';
import { createLog, printProblem, printReady } from '../observe/log.ts';
import { readSettings, SettingsProblem, type FlagValues } from '../settings/read-settings.ts';
import {
  budgetCommand,
  listCommand,
  renewCommand,
  showCommand,
  type CertificatesOptions,
} from './certificates-command.ts';
import { advanceCommand, clockCommand, type ClockOptions } from './clock-command.ts';
import { ControlProblem, ENDPOINT_DEFAULT } from './control-client.ts';
import { keysCommand, rotateCommand, type KeysOptions } from './keys-command.ts';
import { mailCommand, MAIL_EXAMPLES, type MailOptions } from './mail-command.ts';
import { deleteCommand, domainsCommand, type DeleteOptions } from './domains-command.ts';
import { explainCommand, type ExplainOptions } from './explain-command.ts';
import { trustCommand, type TrustOptions } from './trust-command.ts';
import { TRUST_STORES, TrustProblem } from './trust-stores.ts';
import { serveZoneCommand, zonesCommand, type ServeOptions, type ZonesOptions } from './zones-command.ts';
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
  sallyport zones
  sallyport certificates
  sallyport keys rotate
  sallyport trust > sallyport-ca.pem
  sallyport serve --help
`;

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
  const log = createLog(settings.logLevel, process.stderr.isTTY);
  process.on('unhandledRejection', (error) =>
    log.error('a promise was not handled', { error: (error as Error)?.stack ?? String(error) }),
  );
  // Only this command needs the server; the others answer sooner without it.
  const { StartProblem, startGateway } = await import('../main.ts');
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
  printReady(gateway.addresses);
}

const program = new Command('sallyport')
  .description(
    'A WebSocket API gateway on your own domain names, wire-compatible with API Gateway v2, ACM and Route 53.',
  )
  .version(readVersion())
  .addHelpText('after', PROGRAM_EXAMPLES)
  .showHelpAfterError('(sallyport --help shows what there is)');

const serveCommand = program.command('serve').description('start the gateway').addHelpText('after', EXAMPLES);
serveCommand.addOption(
  new Option(`--${CONFIG_FLAG} <FILE>`, `settings file (default: ./${CONFIG_FILE_DEFAULT} when it is there)`),
);
for (const row of SETTING_ROWS) serveCommand.addOption(optionOf(row));
serveCommand.action(serve);

const EXPLAIN_EXAMPLES = `
Examples:
  sallyport explain wss://ws.example.com/myservice
  sallyport explain wss://tenant1.example.com/chat --json
  sallyport domains ws.example.com --provider cloudflare
  sallyport domains delete ws.example.com
  AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… sallyport domains --endpoint http://127.0.0.1:4566
`;

const ZONES_EXAMPLES = `
Examples:
  sallyport zones
  sallyport zones ws.example.com
  sallyport zones serve Z0123456789ABCDEFGHIJ
  sallyport zones serve Z0123456789ABCDEFGHIJ --undo

Each account sees its own, an operator those of all accounts. Only an operator decides what is served: with --accounts FILE, an
account that has operator: true there.
`;

const CERTIFICATES_EXAMPLES = `
Examples:
  sallyport certificates
  sallyport certificates show ws.example.com
  sallyport certificates show ws.example.com --provider gandi
  sallyport certificates show arn:aws:acm:us-east-1:000000000000:certificate/… --json
  sallyport certificates renew arn:aws:acm:us-east-1:000000000000:certificate/…
  sallyport certificates budget
`;

const KEYS_EXAMPLES = `
Examples:
  sallyport keys
  sallyport keys rotate
  sallyport keys rotate --json --endpoint http://127.0.0.1:4566

They are for the operator: with --accounts FILE, an account that has operator: true there.
`;

const CLOCK_EXAMPLES = `
Examples:
  sallyport clock
  sallyport clock advance 45d

A clock is moved with --clock movable alone: renewal, time-outs and expiry follow it, signatures and TLS do not.
`;

const TRUST_EXAMPLES = `
Examples:
  sallyport trust > sallyport-ca.pem
  sallyport trust --install node
  AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… sudo -E sallyport trust --install system --dry-run
  sallyport trust --uninstall browsers --fingerprint SHA-256

Installing needs a gateway with accounts of its own (--accounts FILE), and a key of one of them.
`;

/** A command that asks a running gateway. */
function asking(command: Command, examples: string): Command {
  return command
    .option('--endpoint <URL>', 'the control port of the gateway', ENDPOINT_DEFAULT)
    .addHelpText('after', examples);
}

function addCommand(parent: Command, name: string, description: string, examples: string): Command {
  return asking(parent.command(name).description(description), examples).option('--json', 'as JSON');
}

const PROVIDER_HELP =
  'in whose form records are printed: cloudflare, digitalocean, gandi, godaddy, google, hetzner, namecheap, ovh, porkbun, route53, bind, nsd, knot or plain (default: guessed from the name servers of the zone)';

addCommand(program, 'explain <url>', 'why a client can or cannot connect to a URL, step by step', EXPLAIN_EXAMPLES)
  .option('--provider <NAME>', PROVIDER_HELP)
  .action(async (url: string, options: ExplainOptions) => void (process.exitCode = await explainCommand(url, options)));

const domains = program
  .command('domains')
  .description('custom domain names: state, next action; deleting one')
  .addHelpText('after', EXPLAIN_EXAMPLES);
asking(
  domains
    .command('list [name...]', { isDefault: true })
    .description('certificate, DNS, mapping, last handshake, next action; exit code 1 when one needs a hand'),
  EXPLAIN_EXAMPLES,
)
  .option('--json', 'as JSON')
  .option('--provider <NAME>', PROVIDER_HELP)
  .action(
    async (names: string[], options: ExplainOptions) => void (process.exitCode = await domainsCommand(names, options)),
  );
addCommand(domains, 'delete <name>', 'with its mappings; asks first while DNS leads to it', EXPLAIN_EXAMPLES)
  .option('--yes', 'do not ask')
  .action((name: string, options: DeleteOptions) => deleteCommand(name, options));

const zones = program
  .command('zones')
  .description('hosted zones: served or not, name servers, delegation, next action')
  .addHelpText('after', ZONES_EXAMPLES);
asking(
  zones
    .command('list [name-or-id]', { isDefault: true })
    .description('all, one, or those that hold a name; exit code 1 when one needs a hand'),
  ZONES_EXAMPLES,
)
  .option('--json', 'as JSON')
  .action(
    async (which: string | undefined, options: ZonesOptions) =>
      void (process.exitCode = await zonesCommand(which, options)),
  );
addCommand(zones, 'serve <id>', 'decide that a zone is served, whatever others there are', ZONES_EXAMPLES)
  .option('--undo', 'take the decision back')
  .action((id: string, options: ServeOptions) => serveZoneCommand(id, options));

const certificates = program
  .command('certificates')
  .description('certificates: state, what stands in the way, next action')
  .addHelpText('after', CERTIFICATES_EXAMPLES);
const certificatesCommand = (name: string, description: string, isDefault = false) =>
  asking(certificates.command(name, { isDefault }).description(description), CERTIFICATES_EXAMPLES).option(
    '--json',
    'as JSON',
  );
certificatesCommand('list', 'all of them; exit code 1 when one needs a hand', true).action(
  async (options: CertificatesOptions) => void (process.exitCode = await listCommand(options)),
);
certificatesCommand('show <arn-or-name>', 'everything about one, or about those that cover a name')
  .option('--provider <NAME>', PROVIDER_HELP)
  .action(
    async (which: string, options: CertificatesOptions) => void (process.exitCode = await showCommand(which, options)),
  );
certificatesCommand('renew <arn>', 'renew one now, under a new key: for a key that leaked').action(renewCommand);
certificatesCommand('mail', 'validation mail in the outbox, the newest first')
  .addHelpText('after', MAIL_EXAMPLES)
  .action((options: MailOptions) => mailCommand(options));
certificatesCommand('budget', 'what the limits of the ACME authority leave').action(budgetCommand);

const clock = program.command('clock').description('lifecycle time and real time').addHelpText('after', CLOCK_EXAMPLES);
asking(clock.command('show', { isDefault: true }).description('both'), CLOCK_EXAMPLES)
  .option('--json', 'as JSON')
  .action((options: ClockOptions) => clockCommand(options));
addCommand(clock, 'advance <duration>', 'moves lifecycle time forward: 90s, 10m, 72h, 45d', CLOCK_EXAMPLES).action(
  (duration: string, options: ClockOptions) => advanceCommand(duration, options),
);

const keys = program
  .command('keys')
  .description('the keys that seal private keys: which there are, and new ones')
  .addHelpText('after', KEYS_EXAMPLES);
asking(keys.command('list', { isDefault: true }).description('each, and how much lies under it'), KEYS_EXAMPLES)
  .option('--json', 'as JSON')
  .action((options: KeysOptions) => keysCommand(options));
addCommand(keys, 'rotate', 'seal everything under new keys, while the gateway serves', KEYS_EXAMPLES).action(
  (options: KeysOptions) => rotateCommand(options),
);

const STORES = [...TRUST_STORES, 'all'];
asking(program.command('trust').description('the root of the local CA: print, install, uninstall'), TRUST_EXAMPLES)
  .addOption(new Option('--install <STORE>', 'let this machine trust it').choices(STORES))
  .addOption(new Option('--uninstall <STORE>', 'undo that').choices(STORES))
  .option('--fingerprint <SHA-256>', 'the root that is meant')
  .option('--dry-run', 'show what would be done, and do nothing')
  .action((options: TrustOptions) => trustCommand(options));

try {
  await program.parseAsync();
} catch (error) {
  const isForeseen = [SettingsProblem, ControlProblem, TrustProblem].some((kind) => error instanceof kind);
  printProblem(
    isForeseen
      ? (error as Error).message
      : `failed for a reason that was not foreseen: ${(error as Error).stack ?? String(error)}`,
  );
  process.exit(1);
}
