// A resource record between answer.ts, which finds it, and packet.ts, which encodes it; and what an answer is made of.

/** One resource record, its data still as text in Route 53's form. */
export interface ResourceRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly value: string;
}

export type ResponseCode = 'NOERROR' | 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED';

export interface DnsAnswer {
  readonly code: ResponseCode;
  readonly isAuthoritative: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Addresses without which a referral leads nowhere: all of them are sent, or the answer is cut (RFC 9471). */
  readonly glue: readonly ResourceRecord[];
  /** Addresses that save a question, where there is room for them. */
  readonly additionals: readonly ResourceRecord[];
  /** True when the same question may be answered otherwise the next time, though nothing changed. */
  readonly isVarying: boolean;
}

export function bareAnswer(code: ResponseCode, isAuthoritative = false): DnsAnswer {
  return {
    code,
    isAuthoritative,
    answers: [],
    authorities: [],
    glue: [],
    additionals: [],
    isVarying: false,
  };
}
