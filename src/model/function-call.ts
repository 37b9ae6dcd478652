// One invocation of a Lambda function, and how it can end.

export interface FunctionCall {
  /** Perhaps with a version or alias. */
  readonly functionArn: string;
  /** Whose API calls. */
  readonly account: string;
  readonly region: string;
  /** The role that the integration or authorizer names; undefined where it names none, or whoever connects. */
  readonly role: string | undefined;
  /** JSON. */
  readonly payload: Buffer;
  readonly timeoutMs: number;
  /** X-Amzn-Trace-Id of the call; undefined where nothing is traced. */
  readonly traceHeader?: string | undefined;
}

export type FunctionOutcome =
  /** The function ended well; `payload` is the JSON that it returned. */
  | { readonly kind: 'returned'; readonly payload: Buffer; readonly requestId: string }
  /** The function threw, or its runtime ended it; `payload` is the error as JSON. */
  | {
      readonly kind: 'failed';
      readonly errorType: string;
      readonly errorMessage: string;
      readonly payload: Buffer;
      readonly requestId: string;
    }
  /** It was not called: no endpoint, no such function, no leave, or the endpoint is away. `reason` is for the log. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'timedOut'; readonly reason: string };
