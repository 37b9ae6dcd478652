// Domain of an AWS::Serverless::WebSocketApi: a domain name, a mapping for each base path, and records in a hosted zone. APIs that name
// the same domain or zone share them.

import { createHash } from 'node:crypto';
import type { Draft, Expansion } from '../draft.ts';
import { nearestName } from '../nearest-name.ts';
import { ProblemAt } from '../problem-list.ts';
import type { MapValue, Value } from '../stack-template.ts';
import { made } from './made.ts';
import { attributeOf, mapMember, mapOf, refTo, textMember, textValue } from './values.ts';

const KNOWN = [
  'BasePath',
  'CertificateArn',
  'DomainName',
  'EndpointConfiguration',
  'MutualTlsAuthentication',
  'OwnershipVerificationCertificateArn',
  'Route53',
  'SecurityPolicy',
];
const HASH_LENGTH = 10;

/** Throws ProblemAt. */
export function expandDomain(draft: Draft, stageId: string, tags: MapValue, into: Expansion): void {
  const domain = mapMember(draft.properties, 'Domain');
  if (!domain) return;
  const { entries, line } = domain;
  for (const [name, member] of entries)
    if (!KNOWN.includes(name)) throw new ProblemAt(member.line, `Domain has no ${name}${nearestName(name, KNOWN)}`);
  const name = entries.get('DomainName');
  const certificate = entries.get('CertificateArn');
  if (!name || !certificate) throw new ProblemAt(line, 'Domain needs both a DomainName and a CertificateArn');
  const mutual = entries.get('MutualTlsAuthentication');
  if (mutual) throw new ProblemAt(mutual.line, 'a domain of a WebSocket API takes no MutualTlsAuthentication');
  const endpoint = textMember(domain, 'EndpointConfiguration') ?? 'REGIONAL';
  if (endpoint !== 'REGIONAL') throw new ProblemAt(line, 'EndpointConfiguration of a Domain must be REGIONAL');
  const domainId = `ApiGatewayDomainNameV2${digestOf(name)}`;
  const configuration = mapOf(line, {
    CertificateArn: certificate,
    EndpointType: textValue(endpoint, line),
    OwnershipVerificationCertificateArn: entries.get('OwnershipVerificationCertificateArn'),
    SecurityPolicy: entries.get('SecurityPolicy'),
  });
  if (!into.drafts.some(({ logicalId }) => logicalId === domainId)) {
    const properties = mapOf(line, {
      DomainName: name,
      DomainNameConfigurations: { kind: 'list', items: [configuration], line },
      Tags: tags,
    });
    into.drafts.push(made(draft, domainId, 'AWS::ApiGatewayV2::DomainName', properties));
  }
  into.otherNames.set(`${draft.logicalId}.DomainName`, { logicalId: domainId });
  into.drafts.push(...mappingsOf(draft, domain, domainId, stageId));
  const route53 = mapMember(domain, 'Route53');
  if (route53) addRecords(draft, name, route53, domainId, into);
}

/** What the transform of AWS puts into a logical id: ten digits of a hash of the text, or of the expression as JSON. */
function digestOf(value: Value): string {
  return createHash('sha1').update(written(value)).digest('hex').slice(0, HASH_LENGTH);
}

function written(value: Value | undefined): string {
  if (!value) return '';
  if (value.kind === 'scalar') return value.text;
  if (value.kind === 'ref') return JSON.stringify({ Ref: value.logicalId });
  if (value.kind === 'attribute') return JSON.stringify({ 'Fn::GetAtt': [value.logicalId, value.name] });
  if (value.kind === 'join') return JSON.stringify({ 'Fn::Join': [value.delimiter, written(value.items)] });
  if (value.kind === 'list') return value.items.map(written).join(',');
  return value.kind;
}

function mappingsOf(draft: Draft, domain: MapValue, domainId: string, stageId: string): Draft[] {
  const { logicalId } = draft;
  const { line } = domain;
  const mapping = (id: string, key: Value | undefined) =>
    made(
      draft,
      id,
      'AWS::ApiGatewayV2::ApiMapping',
      mapOf(key?.line ?? line, {
        ApiId: refTo(logicalId, line),
        DomainName: refTo(domainId, line),
        Stage: refTo(stageId, line),
        ApiMappingKey: key,
      }),
    );
  const paths = domain.entries.get('BasePath');
  const items = paths?.kind === 'list' ? paths.items : paths ? [paths] : [];
  if (items.length === 0) return [mapping(`${logicalId}ApiMapping`, undefined)];
  return items.map((item) => {
    if (item.kind !== 'scalar') throw new ProblemAt(item.line, 'BasePath must be a text or a list of texts');
    if (!/^[0-9a-zA-Z/_-]*$/.test(item.text))
      throw new ProblemAt(item.line, `BasePath has letters, digits, '/', '-' and '_' alone, not '${item.text}'`);
    const key = item.text.replaceAll(/^\/+|\/+$/g, '');
    const id = `${logicalId}${item.text.replaceAll(/[-_/]/g, '')}ApiMapping`;
    return mapping(id, key === '' ? undefined : textValue(key, item.line));
  });
}

/** Two APIs of one domain ask for its records twice. */
function isTwin(one: Value, other: Value): boolean {
  const [first, second] = [one, other].map((record) =>
    record.kind === 'map'
      ? ['Name', 'Type', 'SetIdentifier'].map((key) => written(record.entries.get(key))).join()
      : '',
  );
  return first === second;
}

function addRecords(draft: Draft, name: Value, route53: MapValue, domainId: string, into: Expansion): void {
  const { entries, line } = route53;
  const zone = entries.get('HostedZoneId') ?? entries.get('HostedZoneName');
  if (!zone) throw new ProblemAt(line, 'Route53 of a Domain needs a HostedZoneId or a HostedZoneName');
  const target = mapOf(line, {
    HostedZoneId: attributeOf(domainId, 'RegionalHostedZoneId', line),
    DNSName: attributeOf(domainId, 'RegionalDomainName', line),
    EvaluateTargetHealth: entries.get('EvaluateTargetHealth'),
  });
  const types = textMember(route53, 'IpV6') === 'true' ? ['A', 'AAAA'] : ['A'];
  const records = types.map((type) =>
    mapOf(line, {
      Name: name,
      Type: textValue(type, line),
      AliasTarget: target,
      Region: entries.get('Region'),
      SetIdentifier: entries.get('SetIdentifier'),
    }),
  );
  const groupId = `RecordSetGroup${digestOf(zone)}`;
  const at = into.drafts.findIndex(({ logicalId }) => logicalId === groupId);
  const there = at < 0 ? undefined : into.drafts[at]!.properties.entries.get('RecordSets');
  const before = there?.kind === 'list' ? there.items : [];
  const all = [...before, ...records.filter((record) => !before.some((one) => isTwin(one, record)))];
  const properties = mapOf(line, {
    HostedZoneId: entries.get('HostedZoneId'),
    HostedZoneName: entries.has('HostedZoneId') ? undefined : entries.get('HostedZoneName'),
    RecordSets: { kind: 'list', items: all, line },
  });
  const group = made(draft, groupId, 'AWS::Route53::RecordSetGroup', properties);
  if (at < 0) into.drafts.push(group);
  else into.drafts[at] = group;
}
