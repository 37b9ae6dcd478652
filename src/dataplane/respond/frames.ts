// Frames that the gateway itself writes, byte for byte as AWS does: a space after `"message":`, none after the other colons
// (websocket-apis 3.6).

import type { Refusal } from '../../model/faults.ts';
import { wordsOf } from './fault-words.ts';

/** The body of a gateway-made answer that names the connection: error frames, and refusals of the `$connect` integration. */
export function errorBody(text: string, connectionId: string, requestId: string): Buffer {
  return Buffer.from(
    `{"message": ${JSON.stringify(text)}, "connectionId":"${connectionId}", "requestId":"${requestId}"}`,
  );
}

export function errorFrame(refusal: Refusal, connectionId: string, requestId: string): Buffer {
  return errorBody(wordsOf(refusal).text, connectionId, requestId);
}
