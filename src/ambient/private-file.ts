// Reading a file that holds a secret, and whether anybody else can: one look at one open file, so that what was judged is what was
// read. Whoever asks decides what follows from it; a file that others can read is for no server that is exposed.

import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

export interface PrivateFile {
  readonly content: string;
  /**
   * Who else can read or change it, and the way out: `FILE can be read by others (mode 0644): chmod 600 FILE`. Undefined when nobody
   * can but the user of this process, root, and whom root gave it to.
   */
  readonly exposure: string | undefined;
}

/** Whose secrets they are: those of this process, or of a service that whoever runs this process looks after. */
export type Holder = 'self' | 'service';

/** Symbolic links are followed: what counts are the rights of the file itself. Throws the system's error for what cannot be read. */
export function readPrivateFile(path: string, holder: Holder = 'self'): PrivateFile {
  const file = openSync(path, 'r');
  try {
    const rights = fstatSync(file);
    const user = process.geteuid?.();
    // Root looks into the files of a service for which they are right as they are.
    const servedUser = holder === 'service' && user === ROOT ? serviceOf(rights) : user;
    return { content: readFileSync(file, 'utf8'), exposure: exposureOf(path, rights, servedUser) };
  } finally {
    closeSync(file);
  }
}

interface Rights {
  readonly mode: number;
  readonly uid: number;
}

const ROOT = 0;
/** Any user that is not root. */
const SOME_SERVICE = 1;
const GROUP_READ = 0o040;
const GROUP_AND_OTHERS = 0o077;

/** Who runs the service: the owner of its file, or whoever root gave it to. */
function serviceOf({ uid }: Rights): number {
  return uid === ROOT ? SOME_SERVICE : uid;
}

/** `user`: whom this process runs as; undefined where there are no such rights. */
export function exposureOf(path: string, { mode, uid }: Rights, user: number | undefined): string | undefined {
  if (user === undefined) return undefined;
  if (uid !== user && uid !== ROOT)
    return `${path} belongs to another user (${uid}), who can read and change it: chown ${user} ${path}`;
  // How root hands a secret to a service that is not root: systemd by an access list, whose mask these bits are, others by a group.
  const isHandedOver = uid === ROOT && user !== ROOT;
  const open = mode & GROUP_AND_OTHERS & ~(isHandedOver ? GROUP_READ : 0);
  if (open === 0) return undefined;
  return `${path} can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')}): chmod 600 ${path}`;
}
