// Listening on an address, as a promise: the same for every TCP server of the process.

import type { AddressInfo, Server } from 'node:net';

/** Resolves to the bound address (port 0 is chosen by the system). Rejects with the system's error, and leaves no listener behind. */
export function listenOn(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.removeListener('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}
