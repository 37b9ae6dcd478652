// What a function of AWS_PROXY may return (websocket-apis 3.10): a status, headers and a body, and nothing else beside them. The rules are
// those of AWS, where one key too many makes the whole of it malformed.

import type { Answer } from '../stages.ts';

const KEYS: readonly string[] = ['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded'];
const STATUS_DEFAULT = 200;
const EMPTY = Buffer.alloc(0);

/** The answer; `'nothing'` for a function that returned null; undefined for output that is malformed. */
export function readLambdaOutput(payload: Buffer): Answer | 'nothing' | undefined {
  const output = parse(payload);
  if (output === null) return 'nothing';
  if (typeof output !== 'object' || Array.isArray(output)) return undefined;
  const names = Object.keys(output);
  if (names.length === 0 || names.some((name) => !KEYS.includes(name))) return undefined;
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = output as Record<string, unknown>;
  const status = statusCode === undefined || statusCode === null ? STATUS_DEFAULT : numberOf(statusCode);
  const read = headersOf(headers, multiValueHeaders);
  const bytes = bytesOf(body, isBase64Encoded);
  if (status === undefined || read === undefined || bytes === undefined) return undefined;
  return { status, headers: read, body: bytes };
}

function parse(payload: Buffer): unknown {
  // A function that returns nothing may be answered for with nothing.
  if (payload.length === 0) return null;
  try {
    return JSON.parse(payload.toString()) as unknown;
  } catch {
    return undefined;
  }
}

function numberOf(status: unknown): number | undefined {
  const number = typeof status === 'string' && /^\d{3}$/.test(status) ? Number(status) : status;
  if (typeof number !== 'number' || !Number.isInteger(number)) return undefined;
  return number >= 100 && number <= 599 ? number : undefined;
}

/** Names in lower case. A header of both forms has the values of both. */
function headersOf(single: unknown, multiple: unknown): Record<string, string[]> | undefined {
  const headers = new Map<string, string[]>();
  for (const [name, value] of Object.entries(isRecord(multiple) ? multiple : {})) {
    if (!Array.isArray(value) || value.some((one) => isRecord(one) || Array.isArray(one))) return undefined;
    headers.set(name.toLowerCase(), value.map(String));
  }
  for (const [name, value] of Object.entries(isRecord(single) ? single : {})) {
    if (typeof value === 'object') return undefined;
    const lower = name.toLowerCase();
    headers.set(lower, [...(headers.get(lower) ?? []), String(value)]);
  }
  const isWrong = [single, multiple].some((one) => one !== undefined && one !== null && !isRecord(one));
  return isWrong ? undefined : Object.fromEntries(headers);
}

function bytesOf(body: unknown, isBase64Encoded: unknown): Buffer | undefined {
  if (body === undefined || body === null) return EMPTY;
  if (typeof body !== 'string') return undefined;
  return Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
