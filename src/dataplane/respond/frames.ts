// Frames that the gateway itself writes, byte for byte as AWS does: a space after `"message":`, none after the other colons
// (websocket-apis 3.6); one has a layout of its own.

import type { Refusal } from '../../model/faults.ts';
import { wordsOf } from './fault-words.ts';

/** The body of a gateway-made answer that names the connection: error frames, and refusals of the `$connect` integration. */
export function errorBody(text: string | null, connectionId: string, requestId: string): Buffer {
  return Buffer.from(
    `{"message": ${JSON.stringify(text)}, "connectionId":"${connectionId}", "requestId":"${requestId}"}`,
  );
}

/** Sent before a connection's lifetime ends, where its stage asks for it: an extension, in the layout of the other frames. */
export function closingNotice(connectionId: string): Buffer {
  return Buffer.from(`{"message": "Connection closing", "connectionId":"${connectionId}"}`);
}

/** A message that does not fit its model is told so in a layout of its own, with its messageId. */
export function errorFrame(
  refusal: Refusal,
  connectionId: string,
  { requestId, messageId }: { readonly requestId: string; readonly messageId: string },
): Buffer {
  const { text } = wordsOf(refusal);
  if (refusal.code !== 'BadRequestBody') return errorBody(text, connectionId, requestId);
  return Buffer.from(
    `{"message" : ${JSON.stringify(text)}, "connectionId": "${connectionId}", "messageId": "${messageId}"}`,
  );
}
