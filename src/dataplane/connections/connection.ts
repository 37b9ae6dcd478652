// One open connection: what it is bound to, and its socket. The only place that writes to a WebSocket once it is open.

import { isUtf8 } from 'node:buffer';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '../../ambient/clock.ts';
import type { LocalSocket, SendResult, SocketDescription } from '../../delivery/delivery.ts';
import { textFrames } from '../../protocol/text-frames.ts';
import { limit } from '../../settings/limits.ts';
import type { HostMeters } from '../meters/host-meters.ts';
import type { StageMeters } from '../meters/stage-meters.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import { closingNotice } from '../respond/frames.ts';
import { CLOSE, type CloseReason } from './close-reasons.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { Trace } from '../tracing.ts';
import { nextLifeState, type LifeEvent, type LifeState } from './life.ts';

const FRAME_BYTES_MAX = limit('frameBytesMax');
const SEND_QUEUE_BYTES_MAX = limit('sendQueueBytesMax');

/** One text message of a connection, as it came. */
export interface TextMessage {
  readonly requestId: string;
  readonly messageId: string;
  readonly atMs: number;
  /** When it came, by `monotonicMs`. */
  readonly startedMs: number;
  /** Where traces are made. */
  readonly trace?: Trace | undefined;
  readonly body: Buffer;
}

/** How many were opened by this process: each is told apart from those before it by its number. */
let opened = 0;

/** The number of the youngest. */
export const youngestNumber = (): number => opened;

export class Connection implements LocalSocket {
  readonly number = (opened += 1);
  readonly facts: ConnectionFacts;
  readonly #socket: WebSocket;
  /** What the socket speaks over: text messages are written to it as whole frames. */
  readonly #stream: Duplex;
  readonly #clock: Clock;
  state: LifeState = 'open';
  lastActiveAtMs: number;
  messagesInFlight = 0;
  /** What came and what was sent, of text messages, since it opened. */
  messagesIn = 0;
  messagesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Messages that were refused for their rate since one was not. */
  throttledInRow = 0;
  /** Messages that were refused for their rate since the log told of one, and when it did. */
  throttledUntold = 0;
  throttledToldAtMs = Number.NEGATIVE_INFINITY;
  /** Messages that wait for the one before them, where the stage asks for their order. */
  readonly waiting: TextMessage[] = [];
  waitingBytes = 0;
  isClosingNoticed = false;
  /** Pings of the client's, of the second that was looked at last. */
  pings = 0;
  pingsSecond = 0;
  pingedAtMs: number | undefined;
  isPongMissing = false;
  /** What is owed for it: its `$disconnect`. */
  readonly entry: JournalEntry;
  /** Where what goes through it is counted. */
  stageMeters: StageMeters | undefined;
  hostMeters: HostMeters | undefined;
  /** Where the deadlines keep it. */
  deadlineSlot = 0;
  /** The close that we began: what `$disconnect` is told. */
  closeReason: CloseReason | undefined;

  constructor(entry: JournalEntry, socket: WebSocket, stream: Duplex, clock: Clock) {
    const { facts } = entry;
    this.entry = entry;
    this.facts = facts;
    this.#socket = socket;
    this.#stream = stream;
    this.#clock = clock;
    this.lastActiveAtMs = facts.connectedAtMs;
  }

  get connectionId(): string {
    return this.facts.connectionId;
  }

  /** What was sent and its client has not taken yet. */
  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  step(event: LifeEvent): void {
    this.state = nextLifeState(this.state, event);
  }

  /** Sends one text message, in frames of at most 32 KiB. Bytes that are not UTF-8 become U+FFFD. Counts as activity. */
  send(message: Uint8Array): SendResult {
    const socket = this.#socket;
    // A client that said goodbye is told nothing more, though its connection has not ended yet.
    if (this.state !== 'open' || socket.readyState !== socket.OPEN) return 'gone';
    if (socket.bufferedAmount > SEND_QUEUE_BYTES_MAX) return 'busy';
    const nowMs = this.#clock.now();
    this.lastActiveAtMs = nowMs;
    const text = isUtf8(message) ? message : Buffer.from(Buffer.from(message).toString('utf8'));
    this.#stream.write(textFrames(text, FRAME_BYTES_MAX));
    this.messagesOut += 1;
    this.bytesOut += text.length;
    this.stageMeters?.sent(text.length);
    if (this.hostMeters) {
      this.hostMeters.sent(text.length);
      this.hostMeters.lastActiveAtMs = nowMs;
    }
    return 'sent';
  }

  /** Sends a reply or a frame of the gateway's; a client that lets them pile up is closed. */
  reply(message: Uint8Array): void {
    if (this.send(message) === 'busy') this.close(CLOSE.tooSlow.code, CLOSE.tooSlow.reason);
  }

  close(code: number, reason: string): boolean {
    if (this.state !== 'open') return false;
    this.step('closeRequested');
    this.closeReason = { code, reason, isOurs: true };
    this.#socket.close(code, reason);
    return true;
  }

  /** A ping of ours; what comes back is activity. */
  ping(nowMs: number): void {
    if (this.state !== 'open') return;
    this.pingedAtMs = nowMs;
    this.isPongMissing = true;
    this.#socket.ping();
  }

  /** Tells the client that its lifetime ends soon, once. It is no activity of the client's. */
  notice(): void {
    this.isClosingNoticed = true;
    const { lastActiveAtMs } = this;
    this.reply(closingNotice(this.facts.connectionId));
    this.lastActiveAtMs = lastActiveAtMs;
  }

  /** Ends the socket without a closing handshake. */
  terminate(): void {
    this.#socket.terminate();
  }

  describe(): SocketDescription | undefined {
    if (this.state !== 'open') return undefined;
    const { connectedAtMs, sourceIp, userAgent, apiId, stageName, domainName } = this.facts;
    const { lastActiveAtMs } = this;
    return { connectedAtMs, lastActiveAtMs, sourceIp, userAgent, apiId, stageName, domainName };
  }
}
