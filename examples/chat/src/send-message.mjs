import { broadcast, everybody, nameOf } from './connections.mjs';

export async function handler({ body, requestContext }) {
  // The table knows who it is, and not the message.
  const name = await nameOf(requestContext.connectionId);
  const { text } = JSON.parse(body);
  if (name === undefined || typeof text !== 'string') return { statusCode: 400 };
  const at = new Date(requestContext.requestTimeEpoch).toISOString();
  await broadcast(requestContext, await everybody(), { type: 'message', name, text, at });
  return { statusCode: 200 };
}
