// The commands that show what happens, and who is connected: what each is called, takes and prints as help. What they do is in a file each.

import { Option, type Command } from 'commander';
import { addCommand, examples, makeDefault } from './asking-commands.ts';
import {
  closeConnectionsCommand,
  listConnectionsCommand,
  showConnectionCommand,
  SORTS,
  type CloseOptions,
  type ConnectionsOptions,
} from './connections-command.ts';
import { metricsCommand, type MetricsOptions } from './metrics-command.ts';
import { addPlaceOptions } from './place-options.ts';
import { tailCommand, type TailOptions } from './tail-command.ts';
import { TENANT_SORTS, tenantsCommand, type TenantsOptions } from './tenants-command.ts';

const WHOSE = `
Each account sees its own, an operator those of all accounts: with --accounts FILE, an account that has operator: true there.
`;
const TAIL_EXAMPLES = `${examples(
  'sallyport tail',
  'sallyport tail --errors',
  'sallyport tail --slower 500ms',
  'sallyport tail --api a1b2c3d4e5 --stage prod --route sendMessage -v',
  "sallyport tail --domain '*.example.com' --tenant tenant1 --status 5xx",
  'sallyport tail --connection L0SM9cOFvHcCIhw= --json --for 30s',
)}${WHOSE}`;
const CONNECTIONS_EXAMPLES = `${examples(
  'sallyport connections',
  'sallyport connections --sort idle --limit 20',
  "sallyport connections --domain '*.example.com' --json",
)}${WHOSE}`;
const SHOW_EXAMPLES = `${examples('sallyport connections show L0SM9cOFvHcCIhw=')}
What it does from now on: sallyport tail --connection L0SM9cOFvHcCIhw= -v
`;
const CLOSE_EXAMPLES = `${examples(
  'sallyport connections close L0SM9cOFvHcCIhw=',
  'sallyport connections close --stage a1b2c3d4e5/prod --code 1012 --reason "Please come back"',
  'sallyport connections close --tenant tenant1.example.com --yes',
)}
Clients read the code and the reason, and so does $disconnect. Many are closed a few at a time; those that connect meanwhile stay.
`;

const TENANTS_EXAMPLES = `${examples(
  'sallyport tenants',
  "sallyport tenants '*.example.com' --sort bytes --limit 10",
  'sallyport tenants tenant1.example.com --json',
)}
Counted since the gateway started, or since the first connection by that host.
${WHOSE}`;
const METRICS_EXAMPLES = `${examples(
  'sallyport metrics',
  'sallyport metrics aws_apigateway_',
  'sallyport metrics sallyport_stage_connections --json',
)}
Prometheus reads the same at /_sallyport/metrics, unsigned on the machine itself.
${WHOSE}`;

export function addSeeingCommands(program: Command): void {
  addTail(program);
  addConnections(program);
  addTenants(program);
  addMetrics(program);
}

function addTail(program: Command): void {
  addPlaceOptions(addCommand(program, 'tail', 'what happens, while it happens, one line each', TAIL_EXAMPLES))
    .option('--connection <ID>', 'of one connection')
    .option('--route <KEY>', 'of one route: sendMessage, $connect')
    .option('--status <STATUS>', 'of one status, or of a class: 403, 5xx')
    .option('--slower <DURATION>', 'only what took longer: 500ms, 2s')
    .option('--errors', 'only what was refused or failed')
    .option('-v, --verbose', 'with the messages, and what the backend answered')
    .option('--for <DURATION>', 'end after that long: 30s, 5m')
    .option('--count <N>', 'end after so many')
    .action((options: TailOptions) => tailCommand(options));
}

function addConnections(program: Command): void {
  const group = program.command('connections').description('open connections: which there are, and closing some');
  const list = addPlaceOptions(addCommand(group, 'list', 'each, the oldest first', CONNECTIONS_EXAMPLES, true))
    .addOption(new Option('--sort <BY>', 'which come first: the most of it').choices(SORTS).default('age'))
    .option('--limit <N>', 'show so many')
    .action((options: ConnectionsOptions) => listConnectionsCommand(options));
  addCommand(group, 'show <id>', 'everything about one', SHOW_EXAMPLES).action(
    (id: string, options: ConnectionsOptions) => showConnectionCommand(id, options),
  );
  addPlaceOptions(addCommand(group, 'close [id...]', 'some; asks first', CLOSE_EXAMPLES))
    .option('--code <CODE>', 'what clients read: 1000 to 1014, 3000 to 4999 (default: 1000)')
    .option('--reason <TEXT>', 'what clients read (default: Closed by an administrator)')
    .option('--yes', 'do not ask')
    .action(
      async (ids: string[], options: CloseOptions) =>
        void (process.exitCode = await closeConnectionsCommand(ids, options)),
    );
  makeDefault(group, list, CONNECTIONS_EXAMPLES);
}

function addTenants(program: Command): void {
  const what = 'hosts under custom domain names: sockets, messages, bytes, errors';
  addCommand(program, 'tenants [domain]', what, TENANTS_EXAMPLES)
    .addOption(new Option('--sort <BY>', 'which come first: the most of it').choices(TENANT_SORTS).default('messages'))
    .option('--limit <N>', 'show so many, and the others summed')
    .action((domain: string | undefined, options: TenantsOptions) => tenantsCommand(domain, options));
}

function addMetrics(program: Command): void {
  addCommand(program, 'metrics [name...]', 'what was counted, as Prometheus reads it', METRICS_EXAMPLES).action(
    (names: string[], options: MetricsOptions) => metricsCommand(names, options),
  );
}
