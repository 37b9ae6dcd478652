// The commands that ask a running gateway: what each is called, takes and prints as help. What they do is in a file each; how to
// serve is not here.

import { Command, Help, Option } from 'commander';
import {
  addAccountCommand,
  disableCommand,
  listAccountsCommand,
  rotateKeyCommand,
  type AccountsOptions,
  type AddOptions,
  type RotateOptions,
} from './accounts-command.ts';
import {
  budgetCommand,
  listCommand,
  renewCommand,
  showCommand,
  type CertificatesOptions,
} from './certificates-command.ts';
import { advanceCommand, clockCommand, type ClockOptions } from './clock-command.ts';
import { ENDPOINT_DEFAULT, ENVIRONMENT } from './control-client.ts';
import { deleteCommand, domainsCommand, type DeleteOptions } from './domains-command.ts';
import { explainCommand, type ExplainOptions } from './explain-command.ts';
import { keysCommand, rotateCommand, type KeysOptions } from './keys-command.ts';
import { mailCommand, type MailOptions } from './mail-command.ts';
import { trustCommand, type TrustOptions } from './trust-command.ts';
import { TRUST_STORES } from './trust-stores.ts';
import { repeatedOption } from './repeated-option.ts';
import { serveZoneCommand, zonesCommand, type ServeOptions, type ZonesOptions } from './zones-command.ts';

export const examples = (...lines: readonly string[]) => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;

const EXPLAIN_EXAMPLES = examples(
  'sallyport explain wss://ws.example.com/myservice',
  'sallyport explain wss://tenant1.example.com/chat --json',
  'sallyport explain wss://ws.example.com/myservice --provider cloudflare',
);
const DOMAINS_EXAMPLES = examples(
  'sallyport domains',
  'sallyport domains ws.example.com --json',
  'sallyport domains ws.example.com --provider hetzner',
  'AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… sallyport domains --endpoint http://127.0.0.1:4566',
);
const DELETE_EXAMPLES = examples(
  'sallyport domains delete ws.example.com',
  'sallyport domains delete ws.example.com --yes',
);
const CERTIFICATES_EXAMPLES = examples('sallyport certificates', 'sallyport certificates --json');
const SHOW_EXAMPLES = examples(
  'sallyport certificates show ws.example.com',
  'sallyport certificates show ws.example.com --provider gandi',
  'sallyport certificates show arn:aws:acm:us-east-1:000000000000:certificate/… --json',
);
const RENEW_EXAMPLES = examples(
  'sallyport certificates renew ws.example.com',
  'sallyport certificates renew arn:aws:acm:us-east-1:000000000000:certificate/…',
);
const MAIL_EXAMPLES = `${examples('sallyport certificates mail', 'sallyport certificates mail --json')}
A link is opened in a browser, and approves what its page shows. With --accounts links are shown to an operator alone: whoever
else has to read the mailbox.
`;
const BUDGET_EXAMPLES = examples('sallyport certificates budget', 'sallyport certificates budget --json');

const DECIDED = `
Each account sees its own zones, an operator those of all accounts. Only an operator decides what is served: with --accounts FILE, an
account that has operator: true there.
`;
const ZONES_EXAMPLES = `${examples('sallyport zones', 'sallyport zones ws.example.com', 'sallyport zones --json')}${DECIDED}`;
const SERVE_EXAMPLES = `${examples(
  'sallyport zones serve Z0123456789ABCDEFGHIJ',
  'sallyport zones serve Z0123456789ABCDEFGHIJ --undo',
)}${DECIDED}`;
const FOR_OPERATORS = `
They are for the operator: with --accounts FILE, an account that has operator: true there.
`;
const KEYS_EXAMPLES = `${examples('sallyport keys', 'sallyport keys --json')}${FOR_OPERATORS}`;
const ROTATE_EXAMPLES = `${examples(
  'sallyport keys rotate',
  'sallyport keys rotate --json --endpoint http://127.0.0.1:4566',
)}${FOR_OPERATORS}`;

const ACCOUNTS_NOTE = `
The file is changed where it lies, whole or not at all, and the gateway reads it anew. Without AWS's variables an operator of the
file itself asks it to.
`;
const ACCOUNTS_EXAMPLES = `${examples('sallyport accounts', 'sallyport accounts --accounts /etc/sallyport/accounts.yaml --json')}${ACCOUNTS_NOTE}`;
const ADD_EXAMPLES = `${examples(
  'sallyport accounts add --name team-a --operator',
  'sallyport accounts add 111122223333 --name team-b --seal',
  'sallyport accounts add 111122223333 --user deploy --policy deploy.json',
)}
A secret lies in a file beside the accounts file, or with --seal in the accounts file itself, sealed by the gateway that runs.
${ACCOUNTS_NOTE}`;
const ROTATE_KEY_EXAMPLES = `${examples(
  'sallyport accounts rotate AKIAIOSFODNN7EXAMPLE',
  'sallyport accounts rotate AKIAIOSFODNN7EXAMPLE --keep 0s',
)}${ACCOUNTS_NOTE}`;
const DISABLE_EXAMPLES = `${examples(
  'sallyport accounts disable AKIAIOSFODNN7EXAMPLE',
  'sallyport accounts disable 111122223333',
  'sallyport accounts enable 111122223333',
)}
Sockets stay open, and names stay served: what is refused is every signature from now on.
${ACCOUNTS_NOTE}`;

const CLOCK_EXAMPLES = examples('sallyport clock', 'sallyport clock --json');
const ADVANCE_EXAMPLES = `${examples('sallyport clock advance 45d', 'sallyport clock advance 90m')}
A clock is moved with --clock movable alone: renewal, time-outs and expiry follow it, signatures and TLS do not.
`;

const TRUST_EXAMPLES = `${examples(
  'sallyport trust > sallyport-ca.pem',
  'sallyport trust --install node',
  'AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… sudo -E sallyport trust --install system --dry-run',
  'sallyport trust --uninstall browsers --fingerprint SHA-256',
)}
Installing needs a gateway with accounts of its own (--accounts FILE), and a key of one of them.
`;

const PROVIDER_HELP =
  'in whose form records are printed: cloudflare, digitalocean, gandi, godaddy, google, hetzner, namecheap, ovh, porkbun, route53, bind, nsd, knot or plain (default: guessed from the name servers of the zone)';
const ASKING_HELP = `
Environment:
  ${ENVIRONMENT.keyId}, ${ENVIRONMENT.secret}  who asks (without both: test and test, the development credentials)
  ${ENVIRONMENT.region}, ${ENVIRONMENT.defaultRegion}            the region that requests are signed for (default: us-east-1)
  ${ENVIRONMENT.endpoint}                          the control port, where there is no --endpoint

Exit codes: 0 all is well, 1 something needs a hand, 2 the command could not be done.
`;

/** A command that asks a running gateway. */
function asking(command: Command, helpText: string): Command {
  const endpoint = new Option('--endpoint <URL>', 'the control port of the gateway');
  return command
    .addOption(endpoint.default(process.env[ENVIRONMENT.endpoint] || ENDPOINT_DEFAULT, ENDPOINT_DEFAULT))
    .addHelpText('after', `${helpText}${ASKING_HELP}`);
}

export function addCommand(
  parent: Command,
  name: string,
  description: string,
  helpText: string,
  isDefault = false,
): Command {
  return asking(parent.command(name, { isDefault }).description(description), helpText).option('--json', 'as JSON');
}

/** One of the group's commands goes without saying, so the group's help has its options and examples. */
function showDefault(group: Command, chosen: Command, helpText: string): void {
  const plain = new Help();
  group
    .addHelpText('after', `${helpText}${ASKING_HELP}`)
    .configureHelp({ visibleOptions: (command) => [...chosen.options, ...plain.visibleOptions(command)] });
}

/** The same, and what is no command at all is called so: for a default command that takes no arguments. */
export function makeDefault(group: Command, chosen: Command, helpText: string): void {
  showDefault(group, chosen, helpText);
  chosen.allowExcessArguments().hook('preAction', (_, { args: [word] }) => {
    if (word !== undefined) group.error(`error: unknown command '${word}'`);
  });
}

export function addAskingCommands(program: Command): void {
  addExplain(program);
  addDomains(program);
  addZones(program);
  addCertificates(program);
  addClock(program);
  addKeys(program);
  addAccounts(program);
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
  const group = program.command('domains').description('custom domain names: state, next action; deleting one');
  const states = 'certificate, DNS, mapping, last handshake, next action';
  const list = addCommand(group, 'list [name...]', states, DOMAINS_EXAMPLES, true)
    .option('--provider <NAME>', PROVIDER_HELP)
    .action(
      async (names: string[], options: ExplainOptions) =>
        void (process.exitCode = await domainsCommand(names, options)),
    );
  addCommand(group, 'delete <name>', 'with its mappings; asks first while DNS leads to it', DELETE_EXAMPLES)
    .option('--yes', 'do not ask')
    .action((name: string, options: DeleteOptions) => deleteCommand(name, options));
  showDefault(group, list, DOMAINS_EXAMPLES);
}

function addZones(program: Command): void {
  const group = program
    .command('zones')
    .description('hosted zones: served or not, name servers, delegation, next action');
  const list = addCommand(
    group,
    'list [name-or-id]',
    'all, one, or those that hold a name',
    ZONES_EXAMPLES,
    true,
  ).action(
    async (which: string | undefined, options: ZonesOptions) =>
      void (process.exitCode = await zonesCommand(which, options)),
  );
  addCommand(group, 'serve <id>', 'decide that a zone is served, whatever others there are', SERVE_EXAMPLES)
    .option('--undo', 'take the decision back')
    .action((id: string, options: ServeOptions) => serveZoneCommand(id, options));
  showDefault(group, list, ZONES_EXAMPLES);
}

function addCertificates(program: Command): void {
  const group = program.command('certificates').description('certificates: state, what stands in the way, next action');
  const list = addCommand(group, 'list', 'all of them', CERTIFICATES_EXAMPLES, true).action(
    async (options: CertificatesOptions) => void (process.exitCode = await listCommand(options)),
  );
  addCommand(group, 'show <arn-or-name>', 'everything about one, or about those that cover a name', SHOW_EXAMPLES)
    .option('--provider <NAME>', PROVIDER_HELP)
    .action(
      async (which: string, options: CertificatesOptions) =>
        void (process.exitCode = await showCommand(which, options)),
    );
  const renews = 'renew one now, under a new key: for a key that leaked';
  addCommand(group, 'renew <arn-or-name>', renews, RENEW_EXAMPLES).action(
    (which: string, options: CertificatesOptions) => renewCommand(which, options),
  );
  addCommand(group, 'mail', 'validation mail in the outbox, the newest first', MAIL_EXAMPLES).action(
    (options: MailOptions) => mailCommand(options),
  );
  addCommand(group, 'budget', 'what the limits of the ACME authority leave', BUDGET_EXAMPLES).action(
    async (options: CertificatesOptions) => void (process.exitCode = await budgetCommand(options)),
  );
  makeDefault(group, list, CERTIFICATES_EXAMPLES);
}

function addClock(program: Command): void {
  const group = program.command('clock').description('lifecycle time and real time');
  const show = addCommand(group, 'show', 'both', CLOCK_EXAMPLES, true).action((options: ClockOptions) =>
    clockCommand(options),
  );
  addCommand(group, 'advance <duration>', 'moves lifecycle time forward: 90s, 10m, 72h, 45d', ADVANCE_EXAMPLES)
    // A duration that goes back looks like an option, and is told what is wrong with it all the same.
    .allowUnknownOption()
    .action((duration: string, options: ClockOptions) => advanceCommand(duration, options));
  makeDefault(group, show, CLOCK_EXAMPLES);
}

function addKeys(program: Command): void {
  const group = program.command('keys').description('the keys that seal private keys: which there are, and new ones');
  const list = addCommand(group, 'list', 'each, and how much lies under it', KEYS_EXAMPLES, true).action(
    (options: KeysOptions) => keysCommand(options),
  );
  addCommand(group, 'rotate', 'seal everything under new keys, while the gateway serves', ROTATE_EXAMPLES).action(
    (options: KeysOptions) => rotateCommand(options),
  );
  makeDefault(group, list, KEYS_EXAMPLES);
}

const ACCOUNTS_FILE_DEFAULT = './accounts.yaml';

function addAccounts(program: Command): void {
  const group = program.command('accounts').description('who may sign: accounts, their keys, new ones, and their end');
  const add = (name: string, description: string, helpText: string, isDefault = false) =>
    addCommand(group, name, description, helpText, isDefault).addOption(
      new Option('--accounts <FILE>', 'the accounts file').env('SALLYPORT_ACCOUNTS').default(ACCOUNTS_FILE_DEFAULT),
    );
  const change = (name: string, description: string, helpText: string) =>
    add(name, description, helpText).option('--no-reload', 'do not tell the gateway');
  const list = add('list', 'each, and its keys', ACCOUNTS_EXAMPLES, true).action((options: AccountsOptions) =>
    listAccountsCommand(options),
  );
  change('add [account-id]', 'an account with its first key, or a further key of one', ADD_EXAMPLES)
    .option('--name <NAME>', 'what people call the account')
    .option('--operator', 'it may do what concerns the whole server')
    .option('--user <NAME>', 'the IAM user whose key it is (default: the root of the account)')
    .addOption(repeatedOption('--policy <FILE>', 'an IAM policy that bounds the key (JSON)'))
    .option('--seal', 'keep the secret in the accounts file, sealed by the gateway')
    .action((id: string | undefined, options: AddOptions) => addAccountCommand(id, options));
  change('rotate <access-key-id>', 'a new key in the place of one', ROTATE_KEY_EXAMPLES)
    .option('--keep <DURATION>', 'how long the old one counts beside it', '24h')
    .action((id: string, options: RotateOptions) => rotateKeyCommand(id, options));
  for (const [name, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    change(
      `${name} <account-or-key-id>`,
      disabled ? 'refuse its signatures' : 'take them again',
      DISABLE_EXAMPLES,
    ).action((id: string, options: AccountsOptions) => disableCommand(id, disabled, options));
  }
  makeDefault(group, list, ACCOUNTS_EXAMPLES);
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
