// Who holds a port of this machine: from /proc, where there is one and as far as whoever asks may look. Reads only.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';
const TABLES = { tcp: ['tcp', 'tcp6'], udp: ['udp', 'udp6'] } as const;

/** `nginx (process 812)`; undefined where nobody can tell. */
export function portOwner(protocol: keyof typeof TABLES, port: number): string | undefined {
  const inodes = new Set(TABLES[protocol].flatMap((table) => inodesOf(table, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of entriesOf('/proc').filter((name) => /^\d+$/.test(name))) {
    const holds = entriesOf(`/proc/${pid}/fd`).some((descriptor) =>
      inodes.has(socketAt(`/proc/${pid}/fd/${descriptor}`)),
    );
    if (holds) return `${readText(`/proc/${pid}/comm`).trim()} (process ${pid})`;
  }
  return undefined;
}

function inodesOf(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return readText(`/proc/net/${table}`)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(`:${wanted}`) && (table.startsWith('udp') || state === LISTEN))
    .map((fields) => fields[9] ?? '');
}

/** The inode of a socket; empty for anything else, and for what has gone meanwhile. */
function socketAt(path: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1] ?? '';
  } catch {
    return '';
  }
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
