import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { isOfOurUser, isOwnerTold, ownerOf } from './peer-owner.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (from: string, to: string, user: string, inode: string, state = '01') =>
  `${HEAD}  12: ${from} ${to} ${state} 00000000:00000000 00:00000000 00000000  ${user}        0 ${inode} 1 0000000000000000 20 4 30 10 -1\n`;

// From port 50000 (C350) to port 8080 (1F90).
const ROWS: readonly (readonly [what: string, table: string, owner: number | undefined])[] = [
  ['a socket of a user', row('0100007F:C350', '0100007F:1F90', '1000', '4711'), 1_000],
  ['a socket of root', row('0100007F:C350', '0100007F:1F90', '   0', '4711'), 0],
  ['another address of loopback', row('0200007F:C350', '0100007F:1F90', '1000', '4711'), 1_000],
  [
    'a socket of IPv6',
    row('0000000000000000FFFF00000100007F:C350', '0000000000000000FFFF00000100007F:1F90', '1000', '4711'),
    1_000,
  ],
  [
    'one that nobody holds any more, which the table gives to root',
    row('0100007F:C350', '0100007F:1F90', '0', '0', '06'),
    undefined,
  ],
  ['the other end of it', row('0100007F:1F90', '0100007F:C350', '1000', '4711'), undefined],
  ['one of another port', row('0100007F:C351', '0100007F:1F90', '1000', '4711'), undefined],
  ['one of another machine', row('0100000A:C350', '0100007F:1F90', '1000', '4711'), undefined],
  ['an empty table', '', undefined],
];
for (const [what, table, owner] of ROWS) {
  void test(`${what} is of user ${owner}`, () => assert.equal(ownerOf(table, 50_000, 8_080), owner));
}

void test(
  'a connection of this very process is ours',
  { skip: !isOwnerTold && 'this system does not tell' },
  async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(port, '127.0.0.1');
    const [socket] = await accepted;
    assert.equal(await isOfOurUser(socket), true);
    const gone = once(socket, 'close');
    socket.resume();
    client.destroy();
    await gone;
    assert.equal(await isOfOurUser(socket), false);
    server.close();
  },
);
