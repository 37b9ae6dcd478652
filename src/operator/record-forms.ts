// A record in the form in which somebody else's DNS wants to be told of it: one table of what each host calls the fields, whether it
// wants names relative to the zone and a dot at the end of values, what it takes at an apex, and the TTL to enter. Looks nothing up.

import { awsCommand, type RecordChange } from './aws-command.ts';

export interface WantedRecord {
  /** Without a dot at the end; `*` may be its first label. */
  readonly name: string;
  readonly type: 'CNAME' | 'TXT';
  readonly value: string;
  /** Of the gateway: what an apex gets where nothing but addresses works. */
  readonly addresses: readonly string[];
}

interface Provider {
  readonly title: string;
  /** What its name servers are called. */
  readonly nameServers?: RegExp;
  readonly form: 'fields' | 'zone-file' | 'aws';
  /** The words of its form: type, name, value and TTL. */
  readonly fields?: readonly [type: string, name: string, value: string, ttl: string];
  /** It appends the zone to the name that is typed. */
  readonly isNameRelative: boolean;
  /** It appends the zone to a value without a dot at its end. */
  readonly needsDot: boolean;
  /** A text is typed with its quotes. */
  readonly quotesText: boolean;
  /** The type that stands in for a CNAME at the apex; undefined where only addresses work. */
  readonly apexType?: string;
  readonly ttl: string;
  readonly more?: readonly (readonly [field: string, value: string])[];
}

const TTL_SECONDS = '60';
const web = { form: 'fields', isNameRelative: true, needsDot: false, quotesText: false } as const;
const zoneFile = {
  form: 'zone-file',
  isNameRelative: false,
  needsDot: true,
  quotesText: true,
  ttl: TTL_SECONDS,
} as const;

export const PROVIDERS = {
  cloudflare: {
    ...web,
    title: 'Cloudflare',
    nameServers: /\.ns\.cloudflare\.com$/,
    fields: ['Type', 'Name', 'Target', 'TTL'],
    // It answers with the addresses of the target: CNAME flattening.
    apexType: 'CNAME',
    ttl: 'Auto',
    more: [['Proxy status', 'DNS only']],
  },
  digitalocean: {
    ...web,
    title: 'DigitalOcean',
    nameServers: /^ns\d\.digitalocean\.com$/,
    fields: ['Record type', 'Hostname', 'Is an alias of', 'TTL (seconds)'],
    needsDot: true,
    ttl: TTL_SECONDS,
  },
  gandi: {
    ...web,
    title: 'Gandi',
    nameServers: /\.gandi\.net$/,
    fields: ['Type', 'Name', 'Hostname', 'TTL'],
    needsDot: true,
    quotesText: true,
    apexType: 'ALIAS',
    ttl: '300',
  },
  godaddy: {
    ...web,
    title: 'GoDaddy',
    nameServers: /\.domaincontrol\.com$/,
    fields: ['Type', 'Name', 'Value', 'TTL (custom, seconds)'],
    ttl: '600',
  },
  google: {
    ...web,
    title: 'Google Cloud DNS',
    nameServers: /^ns-cloud-[a-e]\d\.googledomains\.com$/,
    fields: ['Resource record type', 'DNS name', 'Canonical name', 'TTL (seconds)'],
    needsDot: true,
    quotesText: true,
    ttl: TTL_SECONDS,
  },
  hetzner: {
    ...web,
    title: 'Hetzner',
    nameServers: /\.ns\.hetzner\.(?:com|de)$/,
    fields: ['Type', 'Name', 'Value', 'TTL'],
    needsDot: true,
    quotesText: true,
    ttl: TTL_SECONDS,
  },
  namecheap: {
    ...web,
    title: 'Namecheap',
    nameServers: /^dns\d\.registrar-servers\.com$/,
    fields: ['Type', 'Host', 'Value', 'TTL'],
    apexType: 'ALIAS',
    ttl: '1 min',
  },
  ovh: {
    ...web,
    title: 'OVHcloud',
    nameServers: /\.(?:ovh\.(?:net|ca)|anycast\.me)$/,
    fields: ['Record type', 'Sub-domain', 'Target', 'TTL (custom, seconds)'],
    needsDot: true,
    ttl: TTL_SECONDS,
  },
  porkbun: {
    ...web,
    title: 'Porkbun',
    nameServers: /\.porkbun\.com$/,
    fields: ['Type', 'Host', 'Answer', 'TTL'],
    apexType: 'ALIAS',
    ttl: '600',
  },
  route53: {
    ...zoneFile,
    title: 'Amazon Route 53',
    nameServers: /\.awsdns-\d+\.(?:com|net|org|co\.uk)$/,
    form: 'aws',
  },
  bind: { ...zoneFile, title: 'a zone file of BIND' },
  nsd: { ...zoneFile, title: 'a zone file of NSD' },
  knot: { ...zoneFile, title: 'a zone file of Knot DNS' },
  plain: {
    ...web,
    title: 'your DNS provider',
    fields: ['Type', 'Name', 'Value', 'TTL'],
    isNameRelative: false,
    apexType: 'ALIAS or ANAME',
    ttl: TTL_SECONDS,
  },
} as const satisfies Record<string, Provider>;

export type ProviderName = keyof typeof PROVIDERS;
export const PROVIDER_NAMES = Object.keys(PROVIDERS) as ProviderName[];

export function isProviderName(text: string): text is ProviderName {
  return Object.hasOwn(PROVIDERS, text);
}

/** Whose name servers these are: all of them must be. */
export function providerOf(nameServers: readonly string[]): ProviderName | undefined {
  if (nameServers.length === 0) return undefined;
  return PROVIDER_NAMES.find((name) => {
    const { nameServers: pattern }: Provider = PROVIDERS[name];
    return pattern !== undefined && nameServers.every((server) => pattern.test(server));
  });
}

/** The lines to copy. `zone` is the zone that holds the name, undefined where that is not known: then names are whole. */
export function recordLines(wanted: WantedRecord, zone: string | undefined, providerName: ProviderName): string[] {
  const provider: Provider = PROVIDERS[providerName];
  const records = atApex(wanted, zone, provider);
  if (provider.form === 'aws') return [route53Command(wanted.name, zone, records)];
  if (provider.form === 'zone-file') {
    return records.map(({ type, value }) => `${wanted.name}. ${provider.ttl} IN ${type} ${value}`);
  }
  const rows = records.flatMap(({ type, value }, position) => [
    ...(position === 0 ? [] : [['', ''] as const]),
    ...fieldRows(type, typedName(wanted.name, zone, provider), value, provider),
  ]);
  const width = Math.max(...rows.map(([field]) => field.length));
  return rows.map(([field, value]) => `${field.padEnd(width)}  ${value}`.trimEnd());
}

interface TypedRecord {
  readonly type: string;
  readonly value: string;
}

/** A CNAME cannot stand at an apex: what stands in for it there, else the addresses. */
function atApex(
  { name, type, value, addresses }: WantedRecord,
  zone: string | undefined,
  provider: Provider,
): TypedRecord[] {
  if (type === 'TXT') return [{ type, value: provider.quotesText ? `"${value}"` : value }];
  const typed = provider.needsDot ? `${value}.` : value;
  if (name !== zone) return [{ type, value: typed }];
  if (provider.apexType !== undefined) return [{ type: provider.apexType, value: typed }];
  return addresses.map((address) => ({ type: address.includes(':') ? 'AAAA' : 'A', value: address }));
}

function typedName(name: string, zone: string | undefined, { isNameRelative }: Provider): string {
  if (!isNameRelative || zone === undefined) return name;
  return name === zone ? '@' : name.slice(0, -zone.length - 1);
}

function fieldRows(type: string, name: string, value: string, { fields, ttl, more = [] }: Provider) {
  const [typeField, nameField, valueField, ttlField] = fields!;
  return [[typeField, type], [nameField, name], [valueField, value], ...more, [ttlField, ttl]] as const;
}

/** At AWS itself, so without an endpoint; the zone's id is asked for by its name. */
function route53Command(name: string, zone: string | undefined, records: readonly TypedRecord[]): string {
  const sets = new Map<string, { Value: string }[]>();
  for (const { type, value } of records) sets.set(type, [...(sets.get(type) ?? []), { Value: value }]);
  const changes: RecordChange[] = [...sets].map(([Type, ResourceRecords]) => ({
    Action: 'UPSERT',
    ResourceRecordSet: { Name: `${name}.`, Type, TTL: Number(TTL_SECONDS), ResourceRecords },
  }));
  const list = awsCommand('route53 list-hosted-zones-by-name', {
    'dns-name': zone === undefined ? 'YOUR-ZONE' : `${zone}.`,
    'max-items': '1',
    query: 'HostedZones[0].Id',
    output: 'text',
  });
  const change = awsCommand('route53 change-resource-record-sets', {
    'change-batch': JSON.stringify({ Changes: changes }),
  });
  return `${change} --hosted-zone-id "$(${list})"`;
}
