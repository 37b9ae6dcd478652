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
}
