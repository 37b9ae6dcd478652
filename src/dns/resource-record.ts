// A resource record between answer.ts, which finds it, and packet.ts, which encodes it.

/** One resource record, its data still as text in Route 53's form. */
export interface ResourceRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly value: string;
}
