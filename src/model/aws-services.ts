// The services of AWS that an integration can call, and how the URI of such an integration is read. Lambda is none of them: it has a way
// of its own.

import { parseArn } from './arn.ts';

/** How a service is told which of its actions is meant. */
export type AwsService =
  /** By the header `X-Amz-Target`, with a JSON body. */
  | { readonly protocol: 'json'; readonly target: string; readonly contentType: string }
  /** By `Action` and `Version` among the parameters, in the query or in a form. */
  | { readonly protocol: 'query'; readonly version: string };

const json = (target: string, jsonVersion: '1.0' | '1.1'): AwsService => ({
  protocol: 'json',
  target,
  contentType: `application/x-amz-json-${jsonVersion}`,
});

/** By the name that stands in URIs, in host names and in the scope of signatures. */
export const AWS_SERVICES: ReadonlyMap<string, AwsService> = new Map([
  ['dynamodb', json('DynamoDB_20120810', '1.0')],
  ['events', json('AWSEvents', '1.1')],
  ['firehose', json('Firehose_20150804', '1.1')],
  ['kinesis', json('Kinesis_20131202', '1.1')],
  ['sns', { protocol: 'query', version: '2010-03-31' }],
  ['sqs', { protocol: 'query', version: '2012-11-05' }],
  ['states', json('AWSStepFunctions', '1.0')],
]);

/** What `arn:aws:apigateway:{region}:{subdomain.service}:{form}/{called}` says. */
export interface ServiceUri {
  readonly region: string;
  /** Of the host name, where a service has some. */
  readonly subdomain: string | undefined;
  readonly service: string;
  readonly form: 'path' | 'action';
  /** An action with `&name=value` behind it, or a path with perhaps a query. */
  readonly called: string;
}

const SERVICE = /^(?:([a-z0-9-]+)\.)?([a-z0-9-]+)$/;

/** Undefined for what has not this form. The service may be none that can be called, and stage variables are left as they are. */
export function parseServiceUri(uri: string): ServiceUri | undefined {
  const arn = parseArn(uri);
  if (arn?.service !== 'apigateway') return undefined;
  const [, subdomain, service] = SERVICE.exec(arn.account) ?? [];
  const [, form, called] = /^(path|action)\/(.*)$/s.exec(arn.resource) ?? [];
  if (service === undefined || called === undefined) return undefined;
  return { region: arn.region, subdomain, service, form: form as ServiceUri['form'], called };
}

/** True for the URI of an integration of type AWS that calls a service, and no Lambda function. */
export function isServiceUri(uri: string | undefined): boolean {
  const parsed = uri === undefined ? undefined : parseServiceUri(uri);
  return parsed !== undefined && parsed.service !== 'lambda';
}
