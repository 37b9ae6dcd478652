import { add } from './connections.mjs';

export async function handler({ requestContext }) {
  await add(requestContext.connectionId);
  return { statusCode: 200 };
}
