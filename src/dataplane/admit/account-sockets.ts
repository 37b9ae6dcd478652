// How many sockets an account has open, in all regions. A socket counts from its admission, before its backend is asked, until its
// connection is closed, whatever became of its handshake: so no two handshakes can both be the last one.

import type { Duplex } from 'node:stream';
import { refuse, type Refusal } from '../../model/faults.ts';
import { limit } from '../../settings/limits.ts';

export interface AccountSockets {
  /** Counts the socket for the account until it closes; or counts nothing and refuses. */
  enter(account: string, socket: Duplex): Refusal | undefined;
}

interface Account {
  open: number;
  /** One for all sockets of the account: each costs a place in its own list of listeners, and nothing else. */
  readonly leave: () => void;
}

export function createAccountSockets(): AccountSockets {
  const accounts = new Map<string, Account>();
  const begin = (name: string): Account => {
    const account: Account = {
      open: 0,
      leave() {
        account.open -= 1;
        if (account.open === 0) accounts.delete(name);
      },
    };
    accounts.set(name, account);
    return account;
  };
  return {
    enter(name, socket) {
      if (socket.destroyed) return undefined;
      const account = accounts.get(name) ?? begin(name);
      const max = limit('openConnectionsPerAccountMax');
      if (account.open >= max) return refuse('TooManyRequests', 'admit', `the account has ${max} connections open`);
      account.open += 1;
      socket.on('close', account.leave);
      return undefined;
    },
  };
}
