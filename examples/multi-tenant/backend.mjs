// The HTTP server behind all tenants: a notebook for each of them. Who is told by a header, made of the name that the client connected to.

import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const TENANTS = new Set((process.env.TENANTS ?? 'acme,globex').split(','));
const notebooks = new Map();

createServer(async (request, response) => {
  const { 'x-tenant': tenant, 'x-event': event } = request.headers;
  const note = await text(request);
  const answer = (status, document) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  if (!TENANTS.has(tenant)) return answer(404, { message: `there is no tenant ${tenant}` });
  if (event !== 'MESSAGE') return answer(200, {});
  const notes = notebooks.get(tenant) ?? [];
  notebooks.set(tenant, [...notes, note]);
  return answer(200, { tenant, notes: notebooks.get(tenant) });
}).listen(Number(process.argv[2] ?? 8080), '127.0.0.1', function listening() {
  console.log(`http://127.0.0.1:${this.address().port}/`);
});
