// Where the access log of a stage goes: the log group, or the Firehose stream, that its `destinationArn` names; and the names of both.
// Neither exists here: they are names of files (observe/log-place.ts), and those are the account's own.

import { parseArn } from './arn.ts';

export interface LogDestination {
  readonly kind: 'logGroup' | 'stream';
  readonly name: string;
}

const GROUP_PREFIX = 'log-group:';
const STREAM_PREFIX = 'deliverystream/';
const STREAM_NAME = /^amazon-apigateway-[A-Za-z0-9_.-]+$/;

/** As it is kept and told: tools write the ARN of a log group with `:*` behind it, which means its streams. */
export function destinationArnOf(text: string): string {
  return text.endsWith(':*') ? text.slice(0, -':*'.length) : text;
}

/** Undefined for an ARN of anything else; whose it is, and whether a log group may be called so, is not looked at. */
export function logDestinationOf(destinationArn: string): LogDestination | undefined {
  const { service, resource } = parseArn(destinationArnOf(destinationArn)) ?? {};
  if (resource === undefined) return undefined;
  if (service === 'logs' && resource.startsWith(GROUP_PREFIX)) {
    const name = resource.slice(GROUP_PREFIX.length);
    return name === '' ? undefined : { kind: 'logGroup', name };
  }
  if (service === 'firehose' && resource.startsWith(STREAM_PREFIX)) {
    const name = resource.slice(STREAM_PREFIX.length);
    return STREAM_NAME.test(name) ? { kind: 'stream', name } : undefined;
  }
  return undefined;
}

/** The log group of a stage's execution log. */
export function executionLogGroup(apiId: string, stageName: string): string {
  return `/aws/apigateway/${apiId}/${stageName}`;
}
