// The commands that ask a running gateway: what each is called, takes and prints as help. What they do is in a file each; how to
// serve is not here.

import { Command, Option } from 'commander';
import {
  budgetCommand,
  listCommand,
  renewCommand,
  showCommand,
  type CertificatesOptions,
} from './certificates-command.ts';
import { advanceCommand, clockCommand, type ClockOptions } from './clock-command.ts';
import { ENDPOINT_DEFAULT } from './control-client.ts';
import { deleteCommand, domainsCommand, type DeleteOptions } from './domains-command.ts';
import { explainCommand, type ExplainOptions } from './explain-command.ts';
import { keysCommand, rotateCommand, type KeysOptions } from './keys-command.ts';
import { mailCommand, MAIL_EXAMPLES, type MailOptions } from './mail-command.ts';
import { trustCommand, type TrustOptions } from './trust-command.ts';
import { TRUST_STORES } from './trust-stores.ts';
import { serveZoneCommand, zonesCommand, type ServeOptions, type ZonesOptions } from './zones-command.ts';

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

const PROVIDER_HELP =
  'in whose form records are printed: cloudflare, digitalocean, gandi, godaddy, google, hetzner, namecheap, ovh, porkbun, route53, bind, nsd, knot or plain (default: guessed from the name servers of the zone)';

/** A command that asks a running gateway. */
function asking(command: Command, examples: string): Command {
  return command
    .option('--endpoint <URL>', 'the control port of the gateway', ENDPOINT_DEFAULT)
    .addHelpText('after', examples);
}

function addCommand(parent: Command, name: string, description: string, examples: string): Command {
  return asking(parent.command(name).description(description), examples).option('--json', 'as JSON');
}

export function addAskingCommands(program: Command): void {
  addExplain(program);
  addDomains(program);
  addZones(program);
  addCertificates(program);
  addClock(program);
  addKeys(program);
  addTrust(program);
}

function addExplain(program: Command): void {
  addCommand(program, 'explain <url>', 'why a client can or cannot connect to a URL, step by step', EXPLAIN_EXAMPLES)
    .option('--provider <NAME>', PROVIDER_HELP)
    .action(
      async (url: string, options: ExplainOptions) => void (process.exitCode = await explainCommand(url, options)),
    );
}

function addDomains(program: Command): void {
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
      async (names: string[], options: ExplainOptions) =>
        void (process.exitCode = await domainsCommand(names, options)),
    );
  addCommand(domains, 'delete <name>', 'with its mappings; asks first while DNS leads to it', EXPLAIN_EXAMPLES)
    .option('--yes', 'do not ask')
    .action((name: string, options: DeleteOptions) => deleteCommand(name, options));
}

function addZones(program: Command): void {
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
}

function addCertificates(program: Command): void {
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
      async (which: string, options: CertificatesOptions) =>
        void (process.exitCode = await showCommand(which, options)),
    );
  certificatesCommand('renew <arn>', 'renew one now, under a new key: for a key that leaked').action(renewCommand);
  certificatesCommand('mail', 'validation mail in the outbox, the newest first')
    .addHelpText('after', MAIL_EXAMPLES)
    .action((options: MailOptions) => mailCommand(options));
  certificatesCommand('budget', 'what the limits of the ACME authority leave').action(budgetCommand);
}

function addClock(program: Command): void {
  const clock = program
    .command('clock')
    .description('lifecycle time and real time')
    .addHelpText('after', CLOCK_EXAMPLES);
  asking(clock.command('show', { isDefault: true }).description('both'), CLOCK_EXAMPLES)
    .option('--json', 'as JSON')
    .action((options: ClockOptions) => clockCommand(options));
  addCommand(clock, 'advance <duration>', 'moves lifecycle time forward: 90s, 10m, 72h, 45d', CLOCK_EXAMPLES).action(
    (duration: string, options: ClockOptions) => advanceCommand(duration, options),
  );
}

function addKeys(program: Command): void {
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
}

function addTrust(program: Command): void {
  const STORES = [...TRUST_STORES, 'all'];
  asking(program.command('trust').description('the root of the local CA: print, install, uninstall'), TRUST_EXAMPLES)
    .addOption(new Option('--install <STORE>', 'let this machine trust it').choices(STORES))
    .addOption(new Option('--uninstall <STORE>', 'undo that').choices(STORES))
    .option('--fingerprint <SHA-256>', 'the root that is meant')
    .option('--dry-run', 'show what would be done, and do nothing')
    .action((options: TrustOptions) => trustCommand(options));
}
