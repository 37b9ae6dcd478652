// Listening on an address, as a promise: the same for every TCP server of the process.

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
