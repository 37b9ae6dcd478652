// What only HTTP APIs have: a WebSocket API is told so; an HTTP API, which is a record here, is told that it is not there yet.

import { Fault } from '../../../model/faults.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';
import { badRequest, findApi } from './find.ts';

/** Always throws: NotFoundException, BadRequestException for a WebSocket API, NotImplemented for an HTTP API. */
export async function refuseHttpOnly(
  view: View,
  request: OperationRequest,
  apiId: string,
  operation: string,
): Promise<never> {
  const api = await findApi(view, request, apiId);
  if (api.protocolType === 'WEBSOCKET') throw badRequest(`${operation} is not supported on WEBSOCKET protocol Apis.`);
  throw new Fault(
    'NotImplemented',
    `${operation} of ${apiId}, an HTTP API, is not available in this version of Sallyport.`,
  );
}
