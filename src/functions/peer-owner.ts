// Whose process is at the other end of a loopback connection: what the kernel says of its socket. A port on loopback is open to every user
// of the machine, so that nothing else tells the function's own process from somebody's.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** Those of sockets that may be reached over IPv4; a program may use a socket of IPv6 for it. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const PORT_HEX_DIGITS = 4;
const HEX = 16;

/** Whether this system tells. */
export const isOwnerTold: boolean = existsSync(TABLES[0]!);

/** True where the other end of a connection from this machine is a process of our own user. */
export async function isOfOurUser({ remotePort, localPort }: Socket): Promise<boolean> {
  if (remotePort === undefined || localPort === undefined) return false;
  for (const table of TABLES) {
    const text = await readFile(table, 'latin1').catch(() => '');
    const owner = ownerOf(text, remotePort, localPort);
    if (owner !== undefined) return owner === process.getuid?.();
  }
  return false;
}

/** The user whose socket goes from one port of loopback to the other; undefined where none does that a process still holds. */
export function ownerOf(table: string, fromPort: number, toPort: number): number | undefined {
  const hex = (port: number) => port.toString(HEX).toUpperCase().padStart(PORT_HEX_DIGITS, '0');
  // Its number, both addresses, the state, four fields of queues and timers, the user, a time-out, the inode: 0 for one that nobody holds,
  // which the table gives to root.
  const row = new RegExp(
    `^ *\\d+: ${LOOPBACK}:${hex(fromPort)} ${LOOPBACK}:${hex(toPort)} (?:\\S+ +){4}(\\d+) +\\d+ (\\d+) `,
    'm',
  );
  const [, user, inode] = row.exec(table) ?? [];
  return user === undefined || inode === '0' ? undefined : Number(user);
}

/** 127.x.y.z as both tables write it. */
const LOOPBACK = '(?:0000000000000000FFFF0000)?[0-9A-F]{6}7F';
