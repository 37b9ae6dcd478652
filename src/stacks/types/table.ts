// AWS::DynamoDB::Table, where the gateway was told of a DynamoDB by `--service-endpoint dynamodb=URL`: made there, so that functions find it.

import { setTimeout as after } from 'node:timers/promises';
import { limit } from '../../settings/limits.ts';
import { isMap, UNNEEDED, type MemberSpec, type Properties, type StructureSpec } from '../property-spec.ts';
import { changedNames, type Made, type MakingContext, type ResourceType } from '../resource-type.ts';
import { OperationProblem } from '../wire-call.ts';

const any = (isRequired = false): MemberSpec => ({ spec: { kind: 'any' }, wire: '', isRequired });
const TAKEN = [
  'AttributeDefinitions',
  'BillingMode',
  'GlobalSecondaryIndexes',
  'KeySchema',
  'LocalSecondaryIndexes',
  'ProvisionedThroughput',
  'TableName',
];
const UNNEEDED_NAMES = [
  'ContributorInsightsSpecification',
  'DeletionProtectionEnabled',
  'ImportSourceSpecification',
  'KinesisStreamSpecification',
  'OnDemandThroughput',
  'PointInTimeRecoverySpecification',
  'ResourcePolicy',
  'SSESpecification',
  'StreamSpecification',
  'TableClass',
  'Tags',
  'TimeToLiveSpecification',
  'WarmThroughput',
];

const SPEC: StructureSpec = {
  kind: 'structure',
  members: {
    ...Object.fromEntries(TAKEN.map((name) => [name, any(name === 'KeySchema')])),
    ...Object.fromEntries(UNNEEDED_NAMES.map((name) => [name, { ...any(), leftOut: UNNEEDED }])),
  },
};

const only = (properties: Properties) =>
  Object.fromEntries(Object.entries(properties).filter(([name]) => TAKEN.includes(name)));

export function tableAt(endpoint: string): ResourceType {
  const call = ({ client }: Pick<MakingContext, 'client'>, action: string, input: object) =>
    client.elsewhere(
      { endpoint, service: 'dynamodb', target: `DynamoDB_20120810.${action}`, jsonVersion: '1.0' },
      input,
    );
  const madeOf = (name: string, { region, account }: MakingContext): Made => ({
    physicalId: name,
    attributes: { Arn: `arn:aws:dynamodb:${region}:${account}:table/${name}` },
  });
  /** Until the table has the status; one that is gone throws ResourceNotFoundException. */
  const settled = async (context: MakingContext, TableName: string, status: string | undefined): Promise<void> => {
    for (;;) {
      const { Table } = (await call(context, 'DescribeTable', { TableName })) as { Table?: { TableStatus?: string } };
      if (Table?.TableStatus === status) return;
      await after(limit('stackPollMs'), undefined, { signal: context.signal }).catch(() => {});
      context.signal.throwIfAborted();
    }
  };
  return {
    spec: SPEC,
    attributeNames: ['Arn'],
    isUpdatable: (before, wanted) => changedNames(before, wanted).every((name) => name === 'BillingMode'),
    async make(properties, context) {
      const { TableName = `${context.stackName}-${context.logicalId}` } = properties;
      const input: Properties = { BillingMode: 'PAY_PER_REQUEST', ...only(numbered(properties)), TableName };
      const isProvisioned = input['ProvisionedThroughput'] !== undefined && properties['BillingMode'] === undefined;
      try {
        await call(context, 'CreateTable', isProvisioned ? { ...input, BillingMode: 'PROVISIONED' } : input);
      } catch (error) {
        const isThere = error instanceof OperationProblem && error.code === 'ResourceInUseException';
        // What the table holds outlives its stack at some stand-ins: it is the same table, as long as nobody else made it here.
        if (!isThere || !context.isRetried) throw error;
      }
      await settled(context, String(TableName), 'ACTIVE');
      return madeOf(String(TableName), context);
    },
    change: (old, _, context) => Promise.resolve(madeOf(old.physicalId, context)),
    async remove({ physicalId: TableName }, context) {
      try {
        await call(context, 'DeleteTable', { TableName });
        await settled(context, TableName, undefined);
      } catch (error) {
        if (!(error instanceof OperationProblem) || error.code !== 'ResourceNotFoundException') throw error;
      }
    },
    isGone: ({ physicalId: TableName }, client) =>
      call({ client }, 'DescribeTable', { TableName }).then(
        () => false,
        (error: unknown) => {
          if (error instanceof OperationProblem && error.code === 'ResourceNotFoundException') return true;
          throw error;
        },
      ),
  };
}

/** Capacities may be written as texts. */
function numbered(properties: Properties): Properties {
  const { ProvisionedThroughput: throughput } = properties;
  if (!isMap(throughput)) return properties;
  const numbers = Object.fromEntries(Object.entries(throughput).map(([name, value]) => [name, Number(value)]));
  return { ...properties, ProvisionedThroughput: numbers };
}
