// Every bound of access and execution logs, and of the files that they are written to. A table alone, like limit-table.ts, which takes it
// up.

import type { Limit } from './limit.ts';

export const LOG_LIMITS = {
  accessLogFormatBytesMax: {
    value: 3_072,
    aws: 3_072,
    fault: 'BadRequestException',
    protects: 'the processor: the format of an access log is filled for each line',
  },
  logLineBytesMax: {
    value: 262_144,
    aws: 262_144,
    fault: null,
    protects: 'the disk: one line of an access log; it ends there',
  },
  executionLogLineBytesMax: {
    value: 1_024,
    aws: 1_024,
    fault: null,
    protects: 'the disk: one line of an execution log; the rest is cut off',
  },
  throttledLogLinesPerSecondMax: {
    value: 10,
    aws: null,
    fault: null,
    protects: 'the disk from a client that goes on although it is told to stop: lines of 429, of each stage',
  },
  logWaitingBytesMax: {
    value: 33_554_432,
    aws: null,
    fault: null,
    protects:
      'memory, from a disk that is slower than its lines: what waits to be written; more is dropped and counted',
  },
  logFileWaitingBytesMax: {
    value: 4_194_304,
    aws: null,
    fault: null,
    protects: 'the lines of other log groups: what waits of one',
  },
  logWriteAfterMs: {
    value: 200,
    aws: null,
    fault: null,
    protects: 'the processor from a write for each line: lines are written in groups, so long after the first of them',
  },
  logFileBytesMax: {
    value: 16_777_216,
    aws: null,
    fault: null,
    protects: 'the disk: one file of a log group; another is begun then',
  },
  logFilesPerGroupMax: {
    value: 8,
    aws: null,
    fault: null,
    protects: 'the disk: files of one log group, the one that is written among them; the oldest goes',
  },
  logFilesPerAccountMax: {
    value: 256,
    aws: null,
    fault: null,
    protects:
      'the disk from one account with any number of log groups: its files; those that were written to longest ago go',
  },
  logFilesOpenMax: {
    value: 64,
    aws: null,
    fault: null,
    protects: 'file descriptors: files of logs that are open at once; the one that was used longest ago is closed',
  },
  logReportIntervalMs: {
    value: 60_000,
    aws: null,
    fault: null,
    protects: 'the log of the server from a line for each line that could not be written',
  },
  logFlushAtEndMs: {
    value: 5_000,
    aws: null,
    fault: null,
    protects: 'a shutdown from a disk that does not answer: so long it waits for the last lines',
  },
} as const satisfies Readonly<Record<string, Limit>>;
