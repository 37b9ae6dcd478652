// What a process takes up, as the kernel tells: its memory, its open files, its children, and what it may have of them.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** A line of /proc/PID/status in KiB, as bytes. */
function statusBytes(pid: number, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/status has no ${name}`);
  return Number(kibibytes) * 1_024;
}

export function residentBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

/** The most that was resident at one time since `forgetPeak`, or since the start. */
export function peakBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM');
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** How many files this process may have open; its children may as many. */
export function openFilesMax(): number {
  const row = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return Number(row?.[1] ?? 1_024);
}

/** User and system time of all threads of a process so far. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces; user and system time are the 14th and 15th fields of all, in hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Ids of the processes whose command line holds a text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text) ? [Number(name)] : [];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}
