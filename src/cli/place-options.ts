// Which part of the traffic a command is about: its options, and the query that asks for it.

import type { Command } from 'commander';

export interface PlaceOptions {
  readonly account?: string;
  readonly api?: string;
  readonly stage?: string;
  readonly domain?: string;
  readonly tenant?: string;
  readonly connection?: string;
}

export function addPlaceOptions(command: Command): Command {
  return command
    .option('--api <ID>', 'of one API')
    .option('--stage <STAGE>', 'of one stage: prod, or a1b2c3d4e5/prod')
    .option('--domain <NAME>', 'of one custom domain name; of a wildcard with all its hosts: *.example.com')
    .option('--tenant <HOST>', 'of one host: tenant1.example.com, or tenant1 under a wildcard')
    .option('--account <ID>', 'of one account (for operators)');
}

/** Those that were given, under the names of the query. */
export function placeWords(options: PlaceOptions): Record<string, string> {
  const { account, api, stage, domain, tenant, connection } = options;
  const words = { account, api, stage, domain, tenant, connection };
  return Object.fromEntries(Object.entries(words).filter(([, word]) => word !== undefined)) as Record<string, string>;
}

/** `of api=a1b2c3d4e5, stage=prod`, or nothing. */
export function placeInWords(options: PlaceOptions): string {
  const words = Object.entries(placeWords(options)).map(([name, word]) => `${name}=${word}`);
  return words.length === 0 ? '' : ` of ${words.join(', ')}`;
}
