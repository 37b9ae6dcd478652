// Where an integration leads: a URL, a Lambda function by the ARN of its invocations, or another service of AWS (websocket-apis 1.6).
// The rest of what AWS can call is refused by name.

import { parseArn } from '../../../model/arn.ts';
import { AWS_SERVICES, parseServiceUri } from '../../../model/aws-services.ts';
import { refuseUnavailable } from '../not-available.ts';
import { badRequest } from './find.ts';

const STAGE_VARIABLE = /\$\{stageVariables\.[A-Za-z0-9_]+\}/g;
const INVOCATIONS = /^path\/2015-03-31\/functions\/(.+)\/invocations$/;
const FUNCTION = /^arn:aws[\w-]*:lambda:[\w-]+:(\d{12}|x):function:[\w-]+(?::[\w$-]+)?$/;

/** Throws BadRequestException for what is no `http://` or `https://` URL. */
export function checkUrl(uri: string): void {
  // A stage variable may hold everything up to the path: such a URI can only be checked when it is called.
  if (uri.startsWith('${stageVariables.')) return;
  const filled = uri.replace(STAGE_VARIABLE, 'x').replace(/\{[A-Za-z0-9._$-]+\}/g, 'x');
  const isUrl = URL.canParse(filled) && /^https?:$/.test(new URL(filled).protocol);
  if (!isUrl)
    throw badRequest(`Invalid HTTP endpoint specified for URI: '${uri.slice(0, 256)}'. Expected http:// or https://.`);
}

/**
 * Throws BadRequestException for an ARN that is neither the invocations of a Lambda function of `account` nor, for `AWS`, a path or an
 * action of another service; NotImplemented for a service that cannot be called. What stage variables will hold is checked at each call.
 */
export function checkInvocations(uri: string, type: 'AWS' | 'AWS_PROXY', account: string): void {
  const arn = parseArn(uri);
  // As the Authorizer's and the HTTP API's form of the ARN would have it, the function stands alone.
  if (arn?.service === 'lambda') throw badRequest('AWS ARN for integration must contain path or action');
  if (arn?.service !== 'apigateway') throw badRequest('Invalid ARN specified in the request');
  if (!/^(?:path|action)\//.test(arn.resource)) {
    throw badRequest('AWS ARN for integration must contain path or action');
  }
  if (arn.account !== 'lambda') {
    if (type === 'AWS_PROXY') {
      throw badRequest(
        "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
      );
    }
    return checkService(uri);
  }
  const invoked = INVOCATIONS.exec(arn.resource)?.[1];
  if (invoked === undefined) throw badRequest('Invalid ARN specified in the request');
  checkFunction(invoked, account);
}

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
const ACTION = /^[A-Za-z][A-Za-z0-9]*(?:&[^&=\s#]+=[^&\s#]*)*$/;
const PATH = /^[^\s#]*$/;

function checkService(uri: string): void {
  const parsed = parseServiceUri(uri);
  if (!parsed) throw badRequest('Invalid ARN specified in the request');
  const { service, region, form, called } = parsed;
  if (!AWS_SERVICES.has(service)) {
    const known = [...AWS_SERVICES.keys()].join(', ');
    refuseUnavailable('an Integration', {
      [`The service '${service}' (in IntegrationUri; there are lambda, ${known})`]: true,
    });
  }
  const isCallable = (form === 'path' ? PATH : ACTION).test(called.replace(STAGE_VARIABLE, 'x'));
  // A stage variable is no region before it is filled.
  const isRegion = REGION.test(region) || region.replace(STAGE_VARIABLE, '') !== region;
  if (!isCallable || !isRegion) throw badRequest('Invalid ARN specified in the request');
}

function checkFunction(functionArn: string, account: string): void {
  // A stage variable may hold the whole ARN.
  if (/^\$\{stageVariables\.[A-Za-z0-9_]+\}$/.test(functionArn)) return;
  const owner = FUNCTION.exec(functionArn.replace(STAGE_VARIABLE, 'x'))?.[1];
  if (owner === undefined) throw badRequest(`Invalid function ARN: '${functionArn.slice(0, 256)}'`);
  if (owner !== 'x' && owner !== account) {
    throw badRequest(
      `The function of an integration must be of the account of its Api, ${account}, and is of ${owner}.`,
    );
  }
}

const ROLE = /^arn:aws[\w-]*:iam::(\d{12}):role\/[\w+=,.@/-]+$/;
/** True for the ARN of a role, of whatever account. */
export function isRole(arn: string): boolean {
  return ROLE.test(arn);
}

/** Calls are made as whoever connected. */
const CALLER = /^arn:aws[\w-]*:iam::\*:user\/\*$/;

/** Throws BadRequestException when a service would be called without a role, and NotImplemented when as whoever connected. */
export function checkServiceCredentials(credentialsArn: string | undefined): void {
  if (credentialsArn === undefined) throw badRequest('Role ARN must be specified for AWS integrations');
  refuseUnavailable('an Integration that calls a service', {
    "CredentialsArn of the caller ('arn:aws:iam::*:user/*')": CALLER.test(credentialsArn),
  });
}

/** Throws BadRequestException for what is neither a role of `account` nor the caller's identity. */
export function checkCredentials(credentialsArn: string, account: string): void {
  if (CALLER.test(credentialsArn)) return;
  const owner = ROLE.exec(credentialsArn)?.[1];
  if (owner === undefined) throw badRequest('Invalid ARN specified in the request');
  if (owner !== account) throw badRequest('Cross-account pass role is not allowed.');
}
