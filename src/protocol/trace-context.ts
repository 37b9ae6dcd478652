// Which trace a request belongs to, as it says itself: W3C Trace Context (`traceparent`, `tracestate`) and AWS's `X-Amzn-Trace-Id`, in and
// out. Both mean one trace: the 32 digits of one are the seconds and the 24 digits of the other. What cannot be read is as if it were
// not there, as the recommendation wants (W3C Trace Context 3.2, 3.3).

export interface TraceContext {
  /** 32 hex digits in lower case, not all zero. */
  readonly traceId: string;
  /** 16 hex digits in lower case, not all zero: who calls. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** What vendors keep there; handed on as it is, and empty for none. */
  readonly state: string;
}

/** What a caller says: of a trace without a caller there is no span id, and nobody may have decided yet whether it is sampled. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string | undefined;
  readonly isSampled: boolean | undefined;
  readonly state: string;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Bounded, and nothing that a header could not carry. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;
const AMZN_CHARACTERS_MAX = 512;
const AMZN_ROOT = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i;
const AMZN_PARENT = /^[0-9a-f]{16}$/i;
const NOTHING = /^0+$/;
const SAMPLED = 1;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** By `traceparent` where it can be read, else by `X-Amzn-Trace-Id`. Names in lower case, as Node has them. */
export function readTraceParent(headers: Headers): TraceParent | undefined {
  const { traceparent, tracestate, 'x-amzn-trace-id': amzn } = headers;
  return readW3c(traceparent, tracestate) ?? (typeof amzn === 'string' ? readAmzn(amzn) : undefined);
}

function readW3c(parent: Headers[string], state: Headers[string]): TraceParent | undefined {
  const [, version = '', traceId = '', spanId = '', flags = '', more] =
    TRACEPARENT.exec(typeof parent === 'string' ? parent.trim() : '') ?? [];
  if (version === '' || version === 'ff' || NOTHING.test(traceId) || NOTHING.test(spanId)) return undefined;
  // Later versions may say more, this one may not.
  if (version === '00' && more !== undefined) return undefined;
  const isState = typeof state === 'string' && TRACESTATE.test(state);
  const isSampled = (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED;
  return { traceId, spanId, isSampled, state: isState ? state : '' };
}

/** `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, in any order, with more between. */
function readAmzn(text: string): TraceParent | undefined {
  if (text.length > AMZN_CHARACTERS_MAX) return undefined;
  const fields = new Map(
    text.split(';').map((field) => {
      const at = field.indexOf('=');
      return [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1).trim()] as const;
    }),
  );
  const [, seconds = '', random = ''] = AMZN_ROOT.exec(fields.get('root') ?? '') ?? [];
  const traceId = `${seconds}${random}`.toLowerCase();
  if (traceId === '' || NOTHING.test(traceId)) return undefined;
  const parent = fields.get('parent') ?? '';
  const spanId = AMZN_PARENT.test(parent) && !NOTHING.test(parent) ? parent.toLowerCase() : undefined;
  const sampled = fields.get('sampled');
  return { traceId, spanId, isSampled: sampled === '1' ? true : sampled === '0' ? false : undefined, state: '' };
}

export function traceparentOf({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

export function amznTraceIdOf({ traceId, spanId, isSampled }: TraceContext): string {
  return `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${isSampled ? 1 : 0}`;
}
