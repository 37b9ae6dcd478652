// What the operations of API Gateway answered, through the unmodified SDK: without what the SDK adds, and refusals as values.

import assert from 'node:assert/strict';
import type { ApiGatewayV2ServiceException } from '@aws-sdk/client-apigatewayv2';

export function withoutMetadata<T extends { $metadata: unknown }>(output: T): Omit<T, '$metadata'> {
  const { $metadata: _, ...rest } = output;
  return rest;
}

export interface ControlRefusal {
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

/** The refusal of a call; fails when it was answered. */
export async function refusalOf(call: Promise<unknown>): Promise<ControlRefusal> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as ApiGatewayV2ServiceException;
    return { name, status: $metadata?.httpStatusCode ?? 0, message };
  }
  assert.fail('the call was answered, and should have been refused');
}

export const badRequest = (message: string): ControlRefusal => ({ name: 'BadRequestException', status: 400, message });
export const notFound = (message: string): ControlRefusal => ({ name: 'NotFoundException', status: 404, message });
export const conflict = (message: string): ControlRefusal => ({ name: 'ConflictException', status: 409, message });
