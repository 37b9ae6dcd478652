// Invoke: runs a function of the settings file once, and answers with what it returns, or with its error; as an Event it is only accepted,
// as a DryRun only looked for.

import { Fault } from '../../../model/faults.ts';
import type { Operation } from '../operation.ts';
import { findFunction } from './find-function.ts';

const NO_PAYLOAD = Buffer.from('{}');
const VERSION = '$LATEST';
const ACCEPTED = 202;
const NO_CONTENT = 204;
const OK = 200;

export const invoke: Operation<'lambda', 'Invoke'> = async (input, request, world) => {
  const { FunctionName: name, InvocationType: type = 'RequestResponse', Qualifier: qualifier } = input;
  const { caller, requestId } = request;
  const { setting, runner, functionArn } = findFunction(name, qualifier, request, world);
  const payload = input.Payload && input.Payload.length > 0 ? Buffer.from(input.Payload) : NO_PAYLOAD;
  const clientContext = readClientContext(input.ClientContext);
  assertJson(payload);
  if (type === 'DryRun') return { StatusCode: NO_CONTENT, ExecutedVersion: VERSION };
  const hasLogTail = input.LogType === 'Tail';
  const invocation = { requestId, functionArn, payload, clientContext, hasLogTail };
  if (type === 'Event') {
    if (!(await runner.accept(setting, caller.account, { ...invocation, hasLogTail: false }))) throw tooMany();
    return { StatusCode: ACCEPTED };
  }
  const end = await runner.invoke(setting, caller.account, invocation);
  if (end.kind === 'throttled') throw tooMany();
  return {
    StatusCode: OK,
    ExecutedVersion: VERSION,
    Payload: end.payload,
    ...(end.kind === 'failed' && { FunctionError: 'Unhandled' }),
    ...(end.logTail !== undefined && { LogResult: end.logTail }),
  };
};

function tooMany(): Fault {
  const members = { Reason: 'ConcurrentInvocationLimitExceeded', Type: 'User' };
  return new Fault('TooManyRequestsException', 'Rate Exceeded.', { members });
}

function assertJson(payload: Buffer): void {
  try {
    JSON.parse(payload.toString());
  } catch (error) {
    const text = `Could not parse request body into json: ${(error as Error).message.slice(0, 256)}`;
    throw new Fault('InvalidRequestContentException', text, { members: { Type: 'User' } });
  }
}

/** JSON, which the SDK sends in Base64. */
function readClientContext(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const text = Buffer.from(given, 'base64').toString();
  try {
    // As one line of ASCII: it goes on in a header.
    return JSON.stringify(JSON.parse(text)).replace(
      /[^ -~]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  } catch {
    const members = { Type: 'User' };
    throw new Fault('InvalidRequestContentException', 'Client context must be a valid Base64-encoded JSON object.', {
      members,
    });
  }
}
