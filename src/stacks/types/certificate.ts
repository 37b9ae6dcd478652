// AWS::CertificateManager::Certificate: requested, proven by records in the zones that its validation options name, and waited for until it
// is issued, as CloudFormation does.

import { setTimeout as after } from 'node:timers/promises';
import type { WireRecord } from '../../protocol/wire/model.ts';
import { limit } from '../../settings/limits.ts';
import { specOfShape, withMembers, type MemberSpec, type Properties } from '../property-spec.ts';
import { changedNames, type MakingContext, type ResourceType } from '../resource-type.ts';
import { isNothing, OperationProblem } from '../wire-call.ts';
import { tagChanges, TAG_LIST, tagsOf } from './tag-lists.ts';

const SERVICE = 'acm';
const ONLY_HERE = ['Tags', 'DomainValidationOptions', 'CertificateTransparencyLoggingPreference', 'CertificateExport'];

const text: MemberSpec = { spec: { kind: 'string' }, wire: '' };
const VALIDATION: MemberSpec = {
  spec: {
    kind: 'list',
    of: {
      kind: 'structure',
      members: { DomainName: { ...text, isRequired: true }, HostedZoneId: text, ValidationDomain: text },
    },
  },
  wire: '',
};

interface ValidationOption {
  readonly DomainName: string;
  readonly HostedZoneId?: string;
  readonly ValidationDomain?: string;
}

const validationsOf = (properties: Properties) =>
  (properties['DomainValidationOptions'] ?? []) as unknown as readonly ValidationOption[];

export const CERTIFICATE: ResourceType = {
  spec: withMembers(specOfShape(SERVICE, 'RequestCertificateRequest', ['IdempotencyToken', 'Options', 'ManagedBy']), {
    DomainValidationOptions: VALIDATION,
    Tags: { spec: TAG_LIST, wire: '' },
    CertificateTransparencyLoggingPreference: text,
    CertificateExport: text,
  }),
  attributeNames: [],
  isUpdatable: (before, wanted) =>
    changedNames(before, wanted).every(
      (name) => name === 'Tags' || (name === 'CertificateTransparencyLoggingPreference' && wanted[name] !== undefined),
    ),
  async make(properties, context) {
    const { client } = context;
    const { CertificateArn } = await client.call(SERVICE, 'RequestCertificate', requestOf(properties, context));
    const arn = String(CertificateArn);
    try {
      await waitForIssue(arn, properties, context);
    } catch (error) {
      // Nobody knows of it yet who could take it away.
      await client.call(SERVICE, 'DeleteCertificate', { CertificateArn: arn }).catch(() => {});
      throw error;
    }
    return { physicalId: arn, attributes: {} };
  },
  async change(old, wanted, { client }) {
    const CertificateArn = old.physicalId;
    const before = old.applied as Properties;
    const { set, gone } = tagChanges(before['Tags'], wanted['Tags']);
    if (set.length > 0) await client.call(SERVICE, 'AddTagsToCertificate', { CertificateArn, Tags: set });
    const Tags = gone.map((Key) => ({ Key }));
    if (gone.length > 0) await client.call(SERVICE, 'RemoveTagsFromCertificate', { CertificateArn, Tags });
    const preference = wanted['CertificateTransparencyLoggingPreference'];
    if (preference !== undefined && preference !== before['CertificateTransparencyLoggingPreference']) {
      const Options = { CertificateTransparencyLoggingPreference: preference };
      await client.call(SERVICE, 'UpdateCertificateOptions', { CertificateArn, Options });
    }
    return old;
  },
  async remove({ physicalId: CertificateArn }, { client }) {
    await isNothing(client.call(SERVICE, 'DeleteCertificate', { CertificateArn }), NONE);
  },
  isGone: ({ physicalId: CertificateArn }, client) =>
    isNothing(client.call(SERVICE, 'DescribeCertificate', { CertificateArn }), NONE),
};

const NONE = 'ResourceNotFoundException';
const TOKEN = /[^A-Za-z0-9]/g;
const TOKEN_CHARACTERS_MAX = 32;

function requestOf(properties: Properties, { stackName, logicalId }: MakingContext): WireRecord {
  const members = Object.entries(properties).filter(([name]) => !ONLY_HERE.includes(name));
  const { CertificateTransparencyLoggingPreference: logging, CertificateExport: exporting } = properties;
  const options = {
    ...(logging !== undefined && { CertificateTransparencyLoggingPreference: logging }),
    ...(exporting !== undefined && { Export: exporting }),
  };
  const mailed = validationsOf(properties).flatMap(({ DomainName, ValidationDomain }) =>
    ValidationDomain === undefined ? [] : [{ DomainName, ValidationDomain }],
  );
  const tags = tagsOf(properties['Tags']);
  return {
    ...Object.fromEntries(members),
    // A run that was cut short gets the same certificate again.
    IdempotencyToken: `${stackName}${logicalId}`.replaceAll(TOKEN, '').slice(-TOKEN_CHARACTERS_MAX),
    ...(Object.keys(options).length > 0 && { Options: options }),
    ...(mailed.length > 0 && { DomainValidationOptions: mailed }),
    ...(tags.length > 0 && { Tags: tags }),
  };
}

async function waitForIssue(CertificateArn: string, properties: Properties, context: MakingContext): Promise<void> {
  const { client, progress, signal } = context;
  const zones = new Map(validationsOf(properties).map((one) => [one.DomainName, one.HostedZoneId]));
  const written = new Set<string>();
  if (properties['ValidationMethod'] !== 'DNS')
    progress('waits for an approval; sallyport certificates mail has the letters');
  for (;;) {
    const { Certificate } = await client.call(SERVICE, 'DescribeCertificate', { CertificateArn });
    const { Status, FailureReason, DomainValidationOptions } = Certificate as WireRecord;
    if (Status === 'ISSUED') return;
    if (Status !== 'PENDING_VALIDATION')
      throw new OperationProblem('Failed', 400, `the certificate is ${String(Status)}: ${String(FailureReason ?? '')}`);
    for (const validation of (DomainValidationOptions ?? []) as readonly WireRecord[])
      await prove(validation, zones, written, context);
    await after(limit('stackPollMs'), undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}

/** Writes the record where the template says into which zone; else it says which record is waited for. */
async function prove(
  { DomainName, ResourceRecord, ValidationStatus }: WireRecord,
  zones: ReadonlyMap<string, string | undefined>,
  written: Set<string>,
  { client, progress }: MakingContext,
): Promise<void> {
  const record = ResourceRecord as WireRecord | undefined;
  if (!record || ValidationStatus === 'SUCCESS') return;
  const { Name, Type, Value } = record;
  const zone = zones.get(String(DomainName));
  if (zone === undefined) {
    progress(`waits for the record ${String(Name)} ${String(Type)} ${String(Value)}`);
    return;
  }
  if (written.has(String(Name))) return;
  written.add(String(Name));
  progress(`writes the record that proves ${String(DomainName)} into ${zone}, and waits for the certificate`);
  const ResourceRecordSet = { Name, Type, TTL: 300, ResourceRecords: [{ Value }] };
  const Changes = [{ Action: 'UPSERT', ResourceRecordSet }];
  const HostedZoneId = zone.replace(/^\/hostedzone\//, '');
  await client.call('route53', 'ChangeResourceRecordSets', { HostedZoneId, ChangeBatch: { Changes } });
}
