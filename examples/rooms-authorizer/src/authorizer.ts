// Decides about a connection by its token. What it returns as context is told to every later event of that connection.

import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { readToken } from './token.ts';

const secret = process.env['TOKEN_SECRET']!;

export async function handler(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  const claims = readToken(event.queryStringParameters?.['token'] ?? '', secret);
  // API Gateway makes 401 of this very word.
  if (!claims) throw new Error('Unauthorized');
  const { sub, rooms } = claims;
  return {
    principalId: sub,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: rooms.length > 0 ? 'Allow' : 'Deny',
          Action: 'execute-api:Invoke',
          Resource: event.methodArn,
        },
      ],
    },
    // Texts, numbers and booleans are all that it may hold.
    context: { user: sub, rooms: rooms.join(',') },
  };
}
