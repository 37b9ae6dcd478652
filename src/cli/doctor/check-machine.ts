// The machine: Node, memory, file descriptors, and whether somebody keeps its clock. Of a gateway that runs here its own bounds count,
// not those of the shell that asks.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { limit } from '../../settings/limits.ts';
import { note, problem, well, type Check, type Patient } from './finding.ts';

const MEBIBYTE = 2 ** 20;
const PERCENT = 100;
const FULL_PERCENT = 80;
const ASK_TIMEOUT_MS = 3_000;
const SYNCHRONIZED = '/run/systemd/timesync/synchronized';

export const nodeCheck: Check = {
  name: 'node',
  look({ gateway }) {
    const running = gateway?.status?.node;
    if (running === undefined || running === process.version)
      return [well('node', `${process.version}, as it must be`)];
    const text = `the gateway runs on Node ${running}, and this command on ${process.version}`;
    return [note('node', text, 'restart the gateway, if an update of Node was meant for it')];
  },
};

export const memoryCheck: Check = {
  name: 'memory',
  look({ gateway }) {
    const available = process.availableMemory();
    const rss = gateway?.status?.memoryBytes;
    const own = rss === undefined ? '' : `; the gateway uses ${Math.round(rss / MEBIBYTE)} MiB`;
    const words = `${Math.round(available / MEBIBYTE)} MiB are available${own}`;
    if (available >= limit('memoryAvailableBytesMin')) return [well('memory', words)];
    return [
      problem(
        'memory',
        words,
        'the kernel ends a process when there is none: give the machine, or the container, more',
      ),
    ];
  },
};

/** The process of the gateway, where it runs on this machine; else this one, which has what a gateway started here would have. */
function processOf({ gateway }: Patient): { readonly directory: string; readonly isGateway: boolean } {
  const pid = gateway?.status?.addresses['pid'];
  const directory = `/proc/${String(pid)}`;
  if (typeof pid === 'number' && existsSync(`${directory}/limits`)) return { directory, isGateway: true };
  return { directory: '/proc/self', isGateway: false };
}

export const descriptorsCheck: Check = {
  name: 'descriptors',
  look(patient) {
    const { directory, isGateway } = processOf(patient);
    // Node raises the soft bound of its process to the hard one.
    const [, soft = '', hard = ''] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readLimits(directory)) ?? [];
    const text = isGateway ? soft : hard;
    if (text === '') return [];
    const max = text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
    const used = isGateway ? openIn(directory) : undefined;
    const usedWords = used === undefined ? '' : `, of which ${used} are open`;
    const words = `${isGateway ? 'the gateway' : 'a gateway started here'} may open ${text} files${usedWords}`;
    const next = 'each socket takes one: raise LimitNOFILE of the service, or ulimit -n -H';
    if (used !== undefined && (PERCENT * used) / max >= FULL_PERCENT) return [problem('descriptors', words, next)];
    if (max < limit('descriptorsMin')) return [problem('descriptors', words, next)];
    if (max < limit('openConnectionsPerAccountMax'))
      return [
        note(
          'descriptors',
          `${words}, fewer than the ${limit('openConnectionsPerAccountMax')} sockets that one account may have`,
          next,
        ),
      ];
    return [well('descriptors', words)];
  },
};

function readLimits(directory: string): string {
  try {
    return readFileSync(`${directory}/limits`, 'utf8');
  } catch {
    // There are none to read beside Linux.
    return '';
  }
}

/** Undefined where who asks may not see them. */
function openIn(directory: string): number | undefined {
  try {
    return readdirSync(`${directory}/fd`).length;
  } catch {
    return undefined;
  }
}

export const timeCheck: Check = {
  name: 'time',
  async look() {
    if (existsSync(SYNCHRONIZED)) return [well('time', 'the clock of this machine is kept by NTP')];
    try {
      const { stdout } = await promisify(execFile)('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
        timeout: ASK_TIMEOUT_MS,
      });
      if (stdout.trim() === 'yes') return [well('time', 'the clock of this machine is kept by NTP')];
      if (stdout.trim() === 'no')
        return [
          note(
            'time',
            'the clock of this machine is not kept by NTP',
            'signatures and certificates need the right time: timedatectl set-ntp true',
          ),
        ];
    } catch {
      // A machine without systemd, or a container: the clock is its host's to keep.
    }
    return [];
  },
};
