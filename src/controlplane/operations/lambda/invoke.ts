// Invoke: runs a function of the settings file once, and answers with what it returns, or with its error; as an Event it is only begun, as
// a DryRun only looked for.

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
  const mayWait = type === 'Event';
  const ended = runner.invoke(setting, caller.account, { requestId, functionArn, payload, clientContext, mayWait });
  // A refusal is known at once; all else may take as long as it does.
  const end = mayWait ? await Promise.race([ended, Promise.resolve(undefined)]) : await ended;
  if (end?.kind === 'throttled') {
    const members = { Reason: 'ConcurrentInvocationLimitExceeded', Type: 'User' };
    throw new Fault('TooManyRequestsException', 'Rate Exceeded.', { members });
  }
  if (mayWait) return { StatusCode: ACCEPTED };
  const { kind, payload: answer } = end!;
  return {
    StatusCode: OK,
    ExecutedVersion: VERSION,
    Payload: answer,
    ...(kind === 'failed' && { FunctionError: 'Unhandled' }),
  };
};

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
