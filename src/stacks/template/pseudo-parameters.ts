// The names that every template may ask for without declaring them.

import { createHash } from 'node:crypto';
import type { ReadOptions, Value } from './stack-template.ts';
import { scalar } from './template-node.ts';

/** By name; AWS::NoValue is undefined. */
export function pseudoParameters(options: ReadOptions): ReadonlyMap<string, Value | undefined> {
  const { account, region, stackName, urlSuffix } = options;
  const text = (value: string) => scalar(value, 1);
  const stackId = `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/${stackUuid(options)}`;
  return new Map<string, Value | undefined>([
    ['AWS::AccountId', text(account)],
    ['AWS::NoValue', undefined],
    ['AWS::NotificationARNs', { kind: 'list', items: [], line: 1 }],
    ['AWS::Partition', text('aws')],
    ['AWS::Region', text(region)],
    ['AWS::StackId', text(stackId)],
    ['AWS::StackName', text(stackName)],
    ['AWS::URLSuffix', text(urlSuffix)],
  ]);
}

/** The same for the same stack each time: templates cut pieces from it to make names that are their own. */
function stackUuid({ account, region, stackName }: ReadOptions): string {
  const digest = createHash('sha256').update(`${account}/${region}/${stackName}`).digest('hex');
  return [8, 4, 4, 4, 12]
    .reduce(({ parts, at }, length) => ({ parts: [...parts, digest.slice(at, at + length)], at: at + length }), {
      parts: [] as string[],
      at: 0,
    })
    .parts.join('-');
}
