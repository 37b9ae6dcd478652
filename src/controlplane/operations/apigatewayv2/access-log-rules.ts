// What the access log of a stage may be (websocket-apis 1.10, 8.1): where it goes, and the format of its lines. What is named need not
// exist; it must be of the API's own account and region, which is where its lines are written.

import type { AccessLogSettings, Api } from '../../../model/api.ts';
import { parseArn } from '../../../model/arn.ts';
import { destinationArnOf, logDestinationOf } from '../../../model/log-destination.ts';
import { namesRequest, parseLogFormat } from '../../../protocol/log-format.ts';
import type { AccessLogSettings as WireAccessLog } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import { limit } from '../../../settings/limits.ts';
import { badRequest } from './find.ts';

const LOG_GROUP = /^[A-Za-z0-9_\-/.]+$/;
const LOG_GROUP_CHARACTERS_MAX = 512;
const SHOWN_CHARACTERS = 256;

/** As it is kept. Throws BadRequestException. */
export function accessLogInput(api: Api, { DestinationArn, Format }: WireAccessLog): AccessLogSettings {
  if (!DestinationArn || !Format) throw badRequest('Access Log value missing. Expected destinationArn and format.');
  const destinationArn = destinationArnOf(DestinationArn);
  checkDestination(api, destinationArn);
  checkFormat(Format);
  return { destinationArn, format: Format };
}

function checkDestination(api: Api, destinationArn: string): void {
  const destination = logDestinationOf(destinationArn);
  if (!destination) {
    const forms =
      'arn:aws:logs:REGION:ACCOUNT:log-group:NAME or arn:aws:firehose:REGION:ACCOUNT:deliverystream/amazon-apigateway-NAME';
    throw badRequest(`Invalid ARN specified in the request. An access log goes to ${forms}.`);
  }
  const { kind, name } = destination;
  if (kind === 'logGroup' && !LOG_GROUP.test(name)) {
    throw badRequest(
      `Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': '${name.slice(0, SHOWN_CHARACTERS)}'`,
    );
  }
  if (name.length > LOG_GROUP_CHARACTERS_MAX) {
    throw badRequest(
      `The access log destination has ${name.length} characters, at most ${LOG_GROUP_CHARACTERS_MAX} are allowed.`,
    );
  }
  const { account, region } = parseArn(destinationArn)!;
  if (account !== api.account || region !== api.region) {
    const place = `${region.slice(0, SHOWN_CHARACTERS)} of account ${account.slice(0, SHOWN_CHARACTERS)}`;
    throw badRequest(
      `Invalid ARN specified in the request. The access log of an API in ${api.region} of account ${api.account} cannot go to ${place}.`,
    );
  }
}

function checkFormat(format: string): void {
  const bytes = Buffer.byteLength(format);
  const max = limit('accessLogFormatBytesMax');
  if (bytes > max) throw badRequest(`The access log format has ${bytes} bytes, at most ${max} are allowed.`);
  if (namesRequest(parseLogFormat(format))) return;
  throw badRequest('The access log format must contain $context.requestId or $context.extendedRequestId.');
}
