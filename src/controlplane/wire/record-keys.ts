// What a batch of changes to records tells the conditions of policies, under Route 53's own keys, so that a key of a DNS challenge may touch
// one record and no other. Names are told as Route 53 normalises them: however a name is spelled, it is one value.

import { escapeName } from '../../model/hosted-zone.ts';
import { isProblem, nameOfLabels, parseDomainName } from '../../protocol/record-text.ts';

interface Change {
  readonly Action?: string;
  readonly ResourceRecordSet?: { readonly Name?: string; readonly Type?: string };
}

const RECORD_KEYS = [
  'route53:changeresourcerecordsetsnormalizedrecordnames',
  'route53:changeresourcerecordsetsrecordtypes',
  'route53:changeresourcerecordsetsactions',
] as const;

/** Keys in lower case; none for an input that is no batch. */
export function recordKeys(input: Readonly<Record<string, unknown>>): Readonly<Record<string, readonly string[]>> {
  const { ChangeBatch: batch } = input as { readonly ChangeBatch?: { readonly Changes?: readonly Change[] } };
  const changes = batch?.Changes;
  if (!Array.isArray(changes)) return {};
  const values = (read: (change: Change) => string | undefined) => [
    ...new Set((changes as readonly Change[]).map(read).filter((value) => value !== undefined)),
  ];
  const [names, types, actions] = RECORD_KEYS;
  return {
    [names]: values(({ ResourceRecordSet: set }) => set?.Name && normalised(set.Name)),
    [types]: values(({ ResourceRecordSet: set }) => set?.Type),
    [actions]: values(({ Action: action }) => action),
  };
}

/** Lower case, no dot at the end, and octal escapes for whatever is not of a host name. A text that is no name is refused later. */
function normalised(name: string): string {
  const labels = parseDomainName(name);
  const text = isProblem(labels) ? name.toLowerCase() : escapeName(nameOfLabels(labels));
  return text.replace(/\.$/, '');
}
