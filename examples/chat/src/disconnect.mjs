import { broadcast, everybody, namesOf, remove } from './connections.mjs';

export async function handler({ requestContext }) {
  const name = await remove(requestContext.connectionId);
  if (name !== undefined) {
    const people = await everybody();
    await broadcast(requestContext, people, { type: 'left', name, people: namesOf(people) });
  }
  return { statusCode: 200 };
}
