// Frames that the gateway itself writes, byte for byte as AWS does: a space after `"message":`, none after the other colons
// (websocket-apis 3.6); one has a layout of its own.

import type { Refusal } from '../../model/faults.ts';
import type { ErrorDetail } from '../../model/stage-options.ts';
import { detailedReason } from './detailed-reason.ts';
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

/**
 * A message that does not fit its model is told so in a layout of its own, with its messageId. With a detail, which is an extension, there
 * is more of it behind AWS's members, whose bytes stay as they are.
 */
export function errorFrame(
  refusal: Refusal,
  connectionId: string,
  { requestId, messageId }: { readonly requestId: string; readonly messageId: string },
  detail: ErrorDetail = 'off',
): Buffer {
  const { text } = wordsOf(refusal);
  const isOfModel = refusal.code === 'BadRequestBody';
  const body = isOfModel
    ? Buffer.from(
        `{"message" : ${JSON.stringify(text)}, "connectionId": "${connectionId}", "messageId": "${messageId}"}`,
      )
    : errorBody(text, connectionId, requestId);
  if (detail === 'off') return body;
  const reason = JSON.stringify(detailedReason(refusal, detail));
  const more = isOfModel
    ? `, "requestId": "${requestId}", "reason": ${reason}}`
    : `, "messageId":"${messageId}", "reason":${reason}}`;
  return Buffer.concat([body.subarray(0, -1), Buffer.from(more)]);
}
