// What an operation is: a function from a decoded input to an output, over a world of ports. It never sees HTTP. One file an
// operation, named for it; operation-table.ts lists them all.

import type { Clock, LifecycleClock } from '../../ambient/clock.ts';
import type { Caller } from '../../identity/authenticate.ts';
import type { Identities } from '../../identity/identities.ts';
import type { SessionTokens } from '../../identity/session-tokens.ts';
import type { VpcLinkTargets } from '../../model/vpc-link.ts';
import type { FunctionOutcome } from '../../model/function-call.ts';
import type { HostedZone } from '../../model/hosted-zone.ts';
import type { ServiceName } from '../../protocol/wire/model.ts';
import type { Operations as AcmOperations } from '../../protocol/wire/shapes-acm.ts';
import type { ApiKeyValues } from '../../protocol/api-key-values.ts';
import type { Operations as RestOperations } from '../../protocol/wire/shapes-apigateway.ts';
import type { Operations as ApiGatewayOperations } from '../../protocol/wire/shapes-apigatewayv2.ts';
import type { Operations as LambdaOperations } from '../../protocol/wire/shapes-lambda.ts';
import type { Operations as Route53Operations } from '../../protocol/wire/shapes-route53.ts';
import type { Operations as StsOperations } from '../../protocol/wire/shapes-sts.ts';
import type { FunctionRuntime, FunctionSetting } from '../../settings/function-setting.ts';
import type { Store } from '../../store/contract.ts';

export interface OperationRequest {
  readonly caller: Caller;
  readonly region: string;
  readonly requestId: string;
}

/** How this server spells its own names. The port is known once the TLS listener is bound. */
export interface EndpointNames {
  readonly suffix: string;
  /** `:8443`, or nothing for 443. */
  portSuffix(): string;
}

export interface OperationWorld {
  readonly store: Store;
  readonly clock: LifecycleClock;
  /** For what signatures go by: sessions end in real time. */
  readonly realClock: Clock;
  readonly sessions: SessionTokens;
  readonly endpoints: EndpointNames;
  readonly identities: () => Identities;
  /** Makes ids and validation tokens that need no row of their own. */
  readonly tokenKey: Uint8Array;
  /** Seals a private key (PEM) for its row, which `reference` names. */
  readonly seal: (keyPem: string, reference: string) => Uint8Array;
  /** Opens the private key (PEM) of a row; undefined when there is none. For ExportCertificate alone. */
  readonly openKey: (reference: string) => string | undefined;
  readonly issuers: IssuerNames;
  readonly dnsAnswers: DnsAnswers;
  /** What the operator named for VPC links. */
  readonly vpcLinkTargets: VpcLinkTargets;
  /** Those of the settings file and of stacks. */
  readonly functions: FunctionRunner;
  readonly apiKeyValues: ApiKeyValues;
  readonly usage: UsageTelling;
}

/**
 * What keys have used of their plans' quotas, by the plan key's id, from memory.
 * @port usage-telling
 */
export interface UsageTelling {
  /**
   * Used and left, day by day from one midnight (UTC) to the other, none after today; undefined where nothing is counted: the plan has
   * no quota.
   */
  days(planKeyId: string, fromMs: number, toMs: number): readonly (readonly [used: number, left: number])[] | undefined;
  /** Leaves so many for the rest of the period, and resolves when that is kept; to false where nothing is counted. */
  leave(planKeyId: string, left: number): Promise<boolean>;
}

/**
 * What our own DNS says about a name as a hosted zone's name server, from memory: a code of DNS, and the values that are at the name
 * itself, in Route 53's text. A zone that is not served, and a name outside of it, are `REFUSED`.
 * @port dns-answers
 */
export interface DnsAnswers {
  answer(
    zone: Pick<HostedZone, 'id' | 'name'>,
    name: string,
    type: string,
  ): { readonly code: string; readonly values: string[] };
}

/** How an invocation ended; `throttled` when too many are under way. */
export type FunctionEnd = (
  Extract<FunctionOutcome, { kind: 'returned' | 'failed' }> | { readonly kind: 'throttled' }
) & {
  /** The last of its log, in Base64, where it was asked for. */
  readonly logTail?: string;
};

export interface FunctionInvocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: Buffer;
  readonly clientContext: string | undefined;
  readonly hasLogTail: boolean;
}

/**
 * The functions of the settings file and of stacks.
 * @port function-runner
 */
export interface FunctionRunner {
  /** The function of that name that the account may invoke. */
  find(name: string, account: string): FunctionSetting | undefined;
  list(account: string): readonly FunctionSetting[];
  /** What runs it, now: where the settings do not say, the file that is there does. */
  runtimeOf(setting: FunctionSetting): FunctionRuntime;
  /** Never rejects. */
  invoke(setting: FunctionSetting, account: string, invocation: FunctionInvocation): Promise<FunctionEnd>;
  /** Nobody waits for its end: it is tried again where it fails. False when too many of the function wait already. */
  accept(setting: FunctionSetting, account: string, invocation: FunctionInvocation): Promise<boolean>;
}

/** Who signs certificates here: what a request can choose among. */
export interface IssuerNames {
  readonly names: readonly string[];
  /** Signs what was requested without a choice. */
  readonly default: string;
}

interface AllOperations {
  apigatewayv2: ApiGatewayOperations;
  apigateway: RestOperations;
  acm: AcmOperations;
  route53: Route53Operations;
  sts: StsOperations;
  lambda: LambdaOperations;
  apigatewaymanagementapi: Record<never, [never, never]>;
}

/** The operation `Name` of a service, with the input and output types of the wire model. */
export type Operation<S extends ServiceName, Name extends keyof AllOperations[S]> = AllOperations[S][Name] extends [
  infer Input,
  infer Output,
]
  ? (input: Input, request: OperationRequest, world: OperationWorld) => Promise<Output>
  : never;

/** Every operation of a service that is there. */
export type ServiceTable<S extends ServiceName> = { readonly [Name in keyof AllOperations[S]]?: Operation<S, Name> };
