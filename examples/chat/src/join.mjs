import { broadcast, everybody, namesOf, setName } from './connections.mjs';

const NAME_MAX = 40;

export async function handler({ body, requestContext }) {
  const name = String(JSON.parse(body).name ?? '').trim();
  if (name === '' || name.length > NAME_MAX) return { statusCode: 400 };
  await setName(requestContext.connectionId, name);
  const people = await everybody();
  await broadcast(requestContext, people, { type: 'joined', name, people: namesOf(people) });
  return { statusCode: 200 };
}
