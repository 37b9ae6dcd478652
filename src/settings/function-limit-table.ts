// Every bound of the functions that run as processes of this machine (settings `functions`). A table alone, like limit-table.ts, which
// takes it up.

import type { Limit } from './limit.ts';

export const FUNCTION_LIMITS = {
  functionsMax: {
    value: 100,
    aws: null,
    fault: null,
    protects: 'the processes of this machine: functions in the settings file',
  },
  functionConcurrencyMax: {
    value: 32,
    aws: 1_000,
    fault: 'TooManyRequestsException',
    protects: 'memory: invocations of one function at once, each a process of its own',
  },
  functionTimeoutMsMax: { value: 900_000, aws: 900_000, fault: null, protects: 'the longest time-out of a function' },
  functionInitMsMax: {
    value: 10_000,
    aws: 10_000,
    fault: null,
    protects: 'a runtime that starts, and never asks for an invocation',
  },
  functionTurnMs: {
    value: 100,
    aws: null,
    fault: null,
    protects:
      'memory: a process that has answered may ask for the next invocation this long before another is started for it',
  },
  functionMemoryMbMax: { value: 10_240, aws: 10_240, fault: null, protects: 'the largest memory of a function' },
  functionMemoryWatchMs: {
    value: 200,
    aws: null,
    fault: null,
    protects: 'memory: how often that of a process is looked at',
  },
  functionResponseBytesMax: {
    value: 6_291_556,
    aws: 6_291_556,
    fault: null,
    protects: 'what a function returns; it failed then',
  },
  functionErrorBytesMax: { value: 262_144, aws: null, fault: null, protects: 'the error that a runtime tells of' },
  functionIdleMs: {
    value: 300_000,
    aws: null,
    fault: null,
    protects: 'memory, from processes of functions that nobody invokes (lifecycle time)',
  },
  functionAgeMsMax: {
    value: 21_600_000,
    aws: null,
    fault: null,
    protects: 'a process from its own credentials, which end later: it is replaced when it is idle',
  },
  functionSessionMs: {
    value: 86_400_000,
    aws: null,
    fault: null,
    protects: 'an account from credentials that a function gave away',
  },
  functionLogLineBytesMax: {
    value: 8_192,
    aws: 262_144,
    fault: null,
    protects: 'the log, from one long line of a function; it is cut',
  },
  functionLogLinesPerSecondMax: {
    value: 500,
    aws: null,
    fault: null,
    protects: 'the log, from a function that prints without end; lines over it are counted, not kept',
  },
  functionWatchedDirectoriesMax: {
    value: 256,
    aws: null,
    fault: null,
    protects: 'the watches of this machine: directories of one function in which a save is seen',
  },
  functionEventsMax: {
    value: 1_000,
    aws: null,
    fault: 'TooManyRequestsException',
    protects: 'memory: invocations of the type Event of one function, under way or before another try',
  },
  functionProcessesMax: {
    value: 256,
    aws: 1_024,
    fault: null,
    protects: 'the machine, from a function that starts process upon process: it is ended with them',
  },
  functionProcessesWatchMs: {
    value: 1_000,
    aws: null,
    fault: null,
    protects: 'as above: how often the processes of functions are counted',
  },
  functionApiConnectionsMax: {
    value: 128,
    aws: null,
    fault: null,
    protects: 'memory: connections of one command to its Runtime API and its proxy; more are closed',
  },
  functionProxyConnectMs: {
    value: 10_000,
    aws: null,
    fault: null,
    protects: 'a command from a host that does not answer: then its proxy says so',
  },
  functionEventAgeMsMax: {
    value: 21_600_000,
    aws: 21_600_000,
    fault: null,
    protects: 'memory, from an event that fails again and again: older ones are given up (lifecycle time)',
  },
  functionLogTailBytes: {
    value: 4_096,
    aws: 4_096,
    fault: null,
    protects: 'the header that shows the last of an invocation’s log',
  },
  stackFunctionsMax: {
    value: 100,
    aws: null,
    fault: 'BadRequestException',
    protects: 'the store: functions of one stack',
  },
  stackResourcesMax: {
    value: 500,
    aws: 500,
    fault: 'BadRequestException',
    protects: 'the store: resources of one stack',
  },
  stackRunMs: {
    value: 15_000,
    aws: null,
    fault: 'ConflictException',
    protects: 'a stack from a second run: how long one counts that tells nothing of itself',
  },
  stackSaveMs: {
    value: 200,
    aws: null,
    fault: null,
    protects: 'a run from a file that is half saved: saves this close are one',
  },
  stackAttemptsMax: {
    value: 6,
    aws: null,
    fault: null,
    protects: 'a run from requests that are throttled: each is tried so often',
  },
  stackPollMs: {
    value: 500,
    aws: null,
    fault: null,
    protects: 'the control port, from a run that waits for a certificate',
  },
  stacksPerAccountMax: {
    value: 200,
    aws: 2_000,
    fault: 'BadRequestException',
    protects: 'the store: stacks of an account in a region',
  },
} as const satisfies Record<string, Limit>;
