// Listening on an address, as a promise: the same for every TCP server of the process; and the words when it cannot be.

import type { AddressInfo, Server } from 'node:net';

/** Resolves to the bound address (port 0 is chosen by the system). Rejects with the system's error, and leaves no listener behind. */
export function listenOn(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    // Some of the system's errors do not say which address they are about.
    const fail = (error: Error) => reject(Object.assign(error, { address: host, port }));
    server.once('error', fail).listen(port, host, () => {
      server.removeListener('error', fail);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** An address that cannot be listened on; the message is one line that names the flag and the way out. */
export class ListenProblem extends Error {}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Listens on the addresses of a flag by `listen`. Throws ListenProblem for what the system refuses. */
export async function listenFor<A extends Address, T>(
  flag: string,
  addresses: readonly A[],
  listen: (addresses: readonly A[]) => Promise<T>,
): Promise<T> {
  try {
    return await listen(addresses);
  } catch (error) {
    const { code, address, port, message } = error as NodeJS.ErrnoException & { address?: string; port?: number };
    const text = (host: string, number: number) => (host.includes(':') ? `[${host}]:${number}` : `${host}:${number}`);
    const where =
      address === undefined
        ? addresses.map(({ host, port: wanted }) => text(host, wanted)).join(' ')
        : text(address, port ?? 0);
    if (code === 'EADDRINUSE')
      throw new ListenProblem(
        `--${flag} ${where} is taken by another program. Stop it, or choose another with --${flag}.`,
      );
    if (code !== undefined) throw new ListenProblem(`--${flag} ${where} cannot be listened on: ${message}.`);
    throw error;
  }
}
