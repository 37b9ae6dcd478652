// Types of resources that need nothing here: what they stand for at AWS is not asked for by a local gateway. Who refers to one gets what
// CloudFormation would say, as near as can be known.

import type { Properties } from '../property-spec.ts';

export interface Named {
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly logicalId: string;
}

interface AcceptedType {
  /** What `Ref` is. */
  readonly ref: (properties: Properties, named: Named) => string;
  /** What `Fn::GetAtt` is, by name. */
  readonly attributes?: Readonly<Record<string, (properties: Properties, named: Named) => string>>;
}

const own =
  (property: string) =>
  (properties: Properties, { stackName, logicalId }: Named) => {
    const given = properties[property];
    return typeof given === 'string' ? given : `${stackName}-${logicalId}`;
  };
const arn =
  (service: string, resource: string, property: string, hasRegion: boolean) => (properties: Properties, named: Named) =>
    `arn:aws:${service}:${hasRegion ? named.region : ''}:${named.account}:${resource}${own(property)(properties, named)}`;

/** There is one version of a function, whatever it is called. */
const qualified =
  (property: string) =>
  (properties: Properties, { account, region }: Named) => {
    const name = String(properties['FunctionName']).replace(/^arn:.*:function:/, '');
    const qualifier = properties[property];
    const end = typeof qualifier === 'string' ? `:${qualifier}` : '';
    return `arn:aws:lambda:${region}:${account}:function:${name}${end}`;
  };

export const ACCEPTED_TYPES: Readonly<Record<string, AcceptedType>> = {
  'AWS::Lambda::Permission': { ref: own('Id') },
  'AWS::Lambda::Alias': { ref: qualified('Name'), attributes: { AliasArn: qualified('Name') } },
  'AWS::Lambda::Version': {
    ref: qualified('Version'),
    attributes: { FunctionArn: qualified('Version'), Version: () => '$LATEST' },
  },
  'AWS::Lambda::EventInvokeConfig': { ref: own('Id') },
  'AWS::IAM::Role': {
    ref: own('RoleName'),
    attributes: { Arn: arn('iam', 'role/', 'RoleName', false), RoleId: own('RoleName') },
  },
  'AWS::IAM::Policy': { ref: own('PolicyName') },
  'AWS::IAM::ManagedPolicy': {
    ref: arn('iam', 'policy/', 'ManagedPolicyName', false),
    attributes: { PolicyArn: arn('iam', 'policy/', 'ManagedPolicyName', false) },
  },
  'AWS::Logs::LogGroup': {
    ref: own('LogGroupName'),
    attributes: {
      Arn: (properties, named) => `${arn('logs', 'log-group:', 'LogGroupName', true)(properties, named)}:*`,
    },
  },
  'AWS::ApiGateway::Account': { ref: own('Id') },
  'AWS::CDK::Metadata': { ref: own('Id') },
};
