// Every close that the gateway itself begins: code (RFC 6455 7.4), reason as AWS sends it (websocket-apis 4), and who may use it.

export interface CloseReason {
  readonly code: number;
  readonly reason: string;
  /** True when the gateway began it. */
  readonly isOurs?: true;
}

export const CLOSE = {
  /** DELETE @connections. */
  deleted: { code: 1000, reason: 'Connection Closed Normally' },
  /** Idle or lifetime over. */
  goingAway: { code: 1001, reason: 'Going away' },
  /** A binary frame. */
  binary: { code: 1003, reason: 'Binary is not supported' },
  /** The client reads too slowly, and replies pile up. */
  tooSlow: { code: 1008, reason: 'Send queue is full' },
  /** The client goes on sending more than it may. */
  tooMany: { code: 1008, reason: 'Too many requests' },
  /** Shutdown. */
  restart: { code: 1012, reason: 'Service restart' },
} as const satisfies Record<string, CloseReason>;

/** What `$disconnect` is told when the client's close frame had no code. */
export const NO_STATUS_REASON = 'Client-side close frame status not set';
/** Never on the wire (RFC 6455 7.4.1): the socket ended without a close frame. */
export const ABNORMAL = 1006;
/** What `$disconnect` is told when the socket ended without a close frame. */
export const ABNORMAL_REASON = 'Connection Closed Abnormally';
