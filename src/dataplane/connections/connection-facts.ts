// What a connection is bound to for life: known when it is admitted, told with every event, written to the disconnect journal.

export interface ConnectionFacts {
  readonly connectionId: string;
  readonly apiId: string;
  readonly stageName: string;
  readonly account: string;
  readonly region: string;
  /** The host that the client used, with the port where `domainName` carries one. */
  readonly domainName: string;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  readonly connectedAtMs: number;
  /** What the authorizer of `$connect` said, for as long as the socket lives. */
  readonly authorizer?: AuthorizerFacts | undefined;
  /** Who signed the handshake, where `$connect` asks for a signature: members of `identity`. */
  readonly iam?: Readonly<Record<string, string>> | undefined;
  /** Of the API key that it connected with, never the value. */
  readonly apiKeyId?: string | undefined;
  /** The span of the handshake, where it was traced: what comes later belongs to traces of its own, and points there. */
  readonly trace?: { readonly traceId: string; readonly spanId: string } | undefined;
}

export interface AuthorizerFacts {
  readonly principalId: string;
  /** Its context, each value as text. */
  readonly context: Readonly<Record<string, string>>;
  readonly integrationLatencyMs: number;
}

/** Whom the authorizer named, or the ARN of whoever signed the handshake. */
export function principalOf({ authorizer, iam }: ConnectionFacts): string | undefined {
  return authorizer?.principalId ?? iam?.['userArn'];
}
