// Log lines on stderr: JSON, or one readable line each on a terminal. With cli/ the only room that prints.

import { pino, type DestinationStream } from 'pino';

export type LogFields = Readonly<Record<string, unknown>>;

/** Lines carry what happened as words, and what it happened to as fields. No secret is ever a field. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines all carry these fields. */
  with(fields: LogFields): Log;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Writes to stderr. `isTerminal` decides the form, never the content. */
export function createLog(level: Level, isTerminal: boolean): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    messageKey: 'message',
  };
  const destination: DestinationStream = isTerminal
    ? { write: (line) => void process.stderr.write(readable(line)) }
    : pino.destination({ fd: 2, sync: true });
  return wrap(pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, destination));
}

function wrap(logger: ReturnType<typeof pino>): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    with: (fields) => wrap(logger.child(fields)),
  };
}

const COLOURS: Readonly<Record<string, string>> = {
  debug: '\x1b[90m',
  info: '\x1b[36m',
  warn: '\x1b[33m',
  error: '\x1b[31m',
};

/** `12:00:01 info  what happened  key=value …` */
function readable(line: string): string {
  const { level, time, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const shown = Object.entries(fields)
    .map(([key, value]) => `\x1b[90m${key}=\x1b[0m${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const colour = COLOURS[String(level)] ?? '';
  return `${String(time).slice(11, 19)} ${colour}${String(level).padEnd(5)}\x1b[0m ${String(message)} ${shown}\n`;
}

/** The one line by which scripts learn where everything listens. Always JSON, always on stderr, whatever the log level. */
export function printReady(addresses: LogFields): void {
  process.stderr.write(`${JSON.stringify({ ready: true, ...addresses })}\n`);
}

/** Why the command ends without having started, as one line on stderr. */
export function printProblem(message: string): void {
  process.stderr.write(`sallyport: ${message}\n`);
}
