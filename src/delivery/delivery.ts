// Bytes across: send to, close, and describe a socket by its connection id, wherever it is. Callbacks ask here; later the socket
// may be in another process or on another node.

export interface SocketDescription {
  readonly connectedAtMs: number;
  readonly lastActiveAtMs: number;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  readonly apiId: string;
  readonly stageName: string;
  /** The host that the client used, as `domainName` tells it. */
  readonly domainName: string;
}

/** `gone`: no such socket is open. `busy`: its client reads too slowly, the message was not taken. */
export type SendResult = 'sent' | 'gone' | 'busy';

export interface Delivery {
  /** Hands one text message to the socket. `sent` means handed over, not received. */
  send(connectionId: string, message: Uint8Array): Promise<SendResult>;
  /** Begins to close; false when no such socket is open. */
  close(connectionId: string, code: number, reason: string): Promise<boolean>;
  describe(connectionId: string): Promise<SocketDescription | undefined>;
}

/**
 * What a room that holds sockets gives for each of them, from registration until removal. A socket that is closing is gone
 * already, for everybody but its own room.
 */
export interface LocalSocket {
  readonly connectionId: string;
  send(message: Uint8Array): SendResult;
  /** False when it was closing already. */
  close(code: number, reason: string): boolean;
  describe(): SocketDescription | undefined;
}
