// AWS::Serverless::SimpleTable becomes an AWS::DynamoDB::Table with one key.

import type { Draft, Expansion } from '../draft.ts';
import type { ProblemList } from '../problem-list.ts';
import { ProblemAt } from '../problem-list.ts';
import type { Value } from '../stack-template.ts';
import { made, refuseOthers } from './made.ts';
import { mapMember, mapOf, textMember, textValue } from './values.ts';

const KNOWN = [
  'PointInTimeRecoverySpecification',
  'PrimaryKey',
  'ProvisionedThroughput',
  'SSESpecification',
  'TableName',
  'Tags',
];
const KEY_TYPES: Readonly<Record<string, string>> = { String: 'S', Number: 'N', Binary: 'B' };

export function expandSimpleTable(draft: Draft, into: Expansion, problems: ProblemList): void {
  refuseOthers(draft, KNOWN, problems);
  const { line, properties, logicalId, dependsOn } = draft;
  const { entries } = properties;
  const key = mapMember(properties, 'PrimaryKey');
  const type = (key && textMember(key, 'Type')) ?? 'String';
  if (!Object.hasOwn(KEY_TYPES, type))
    throw new ProblemAt(key!.line, `the Type of a PrimaryKey is one of ${Object.keys(KEY_TYPES).join(', ')}`);
  const name: Value = key?.entries.get('Name') ?? textValue('id', line);
  const list = (item: Value): Value => ({ kind: 'list', items: [item], line });
  const throughput = entries.get('ProvisionedThroughput');
  const tags = mapMember(properties, 'Tags');
  const table = mapOf(line, {
    AttributeDefinitions: list(mapOf(line, { AttributeName: name, AttributeType: textValue(KEY_TYPES[type]!, line) })),
    KeySchema: list(mapOf(line, { AttributeName: name, KeyType: textValue('HASH', line) })),
    BillingMode: throughput ? undefined : textValue('PAY_PER_REQUEST', line),
    ProvisionedThroughput: throughput,
    TableName: entries.get('TableName'),
    SSESpecification: entries.get('SSESpecification'),
    PointInTimeRecoverySpecification: entries.get('PointInTimeRecoverySpecification'),
    Tags: tags && {
      kind: 'list',
      items: [...tags.entries].map(([tag, value]) =>
        mapOf(value.line, { Key: textValue(tag, value.line), Value: value }),
      ),
      line: tags.line,
    },
  });
  into.drafts.push(made(draft, logicalId, 'AWS::DynamoDB::Table', table, dependsOn));
}
