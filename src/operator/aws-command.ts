// The command that mends something, as a user of the AWS CLI would type it: whole, and quoted for a shell.

const PLAIN = /^[A-Za-z0-9_./:=@,+-]+$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `options` without their dashes; an empty value is a switch. `region` is left out where it goes without saying. */
export function awsCommand(
  call: string,
  options: Readonly<Record<string, string | undefined>>,
  region?: string,
): string {
  const given = Object.entries({ ...options, region }).filter(([, value]) => value !== undefined);
  const words = given.map(([name, value]) => (value === '' ? `--${name}` : `--${name} ${quoted(value!)}`));
  return ['aws', call, ...words].join(' ');
}

export interface RecordChange {
  readonly Action: 'UPSERT' | 'DELETE';
  readonly ResourceRecordSet: {
    readonly Name: string;
    readonly Type: string;
    readonly TTL?: number;
    readonly ResourceRecords?: readonly { readonly Value: string }[];
    readonly AliasTarget?: {
      readonly HostedZoneId: string;
      readonly DNSName: string;
      readonly EvaluateTargetHealth: boolean;
    };
  };
}

export function changeCommand(hostedZoneId: string, changes: readonly RecordChange[]): string {
  const batch = JSON.stringify({ Changes: changes });
  return awsCommand('route53 change-resource-record-sets', { 'hosted-zone-id': hostedZoneId, 'change-batch': batch });
}
