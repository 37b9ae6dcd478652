// The nouns of a WebSocket API, in AWS's words: Api, Route, RouteResponse, Integration, IntegrationResponse, Model, Authorizer,
// Deployment, Stage.
// Times are milliseconds since the epoch. Ids of parts are `{apiId}/{own id}`.

import type { Entity } from './entity.ts';

export interface Api extends Entity {
  readonly apiId: string;
  readonly name: string;
  /** An HTTP API is a record only: it can be mapped, and nothing of it is served. */
  readonly protocolType: 'WEBSOCKET' | 'HTTP';
  readonly routeSelectionExpression: string;
  readonly apiKeySelectionExpression: string;
  readonly disableExecuteApiEndpoint: boolean;
  readonly disableSchemaValidation?: boolean;
  readonly ipAddressType: 'ipv4' | 'dualstack';
  readonly description?: string;
  readonly version?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
}

export interface Route extends Entity {
  readonly apiId: string;
  readonly routeId: string;
  readonly routeKey: string;
  readonly authorizationType: 'NONE' | 'AWS_IAM' | 'CUSTOM';
  readonly authorizerId?: string;
  readonly apiKeyRequired: boolean;
  readonly target?: string;
  readonly operationName?: string;
  readonly routeResponseSelectionExpression?: string;
  readonly modelSelectionExpression?: string;
  /** What the selection yields → the name of a Model of the same Api. */
  readonly requestModels?: Readonly<Record<string, string>>;
  readonly requestParameters?: Readonly<Record<string, { readonly required: boolean }>>;
}

export interface RouteResponse extends Entity {
  readonly apiId: string;
  readonly routeId: string;
  readonly routeResponseId: string;
  readonly routeResponseKey: string;
  /** This and the next are kept and have no effect on a socket. */
  readonly modelSelectionExpression?: string;
  readonly responseModels?: Readonly<Record<string, string>>;
}

export type IntegrationType = 'AWS' | 'AWS_PROXY' | 'HTTP' | 'HTTP_PROXY' | 'MOCK';
export type ContentHandlingStrategy = 'CONVERT_TO_BINARY' | 'CONVERT_TO_TEXT';
export type PassthroughBehavior = 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER';

export interface Integration extends Entity {
  readonly apiId: string;
  readonly integrationId: string;
  readonly integrationType: IntegrationType;
  readonly integrationUri?: string;
  readonly integrationMethod?: string;
  readonly connectionType: 'INTERNET' | 'VPC_LINK';
  /** The VPC link; may hold stage variables. */
  readonly connectionId?: string;
  readonly contentHandlingStrategy?: ContentHandlingStrategy;
  readonly credentialsArn?: string;
  readonly passthroughBehavior: PassthroughBehavior;
  readonly payloadFormatVersion: '1.0';
  readonly timeoutInMillis: number;
  readonly description?: string;
  readonly templateSelectionExpression?: string;
  readonly requestTemplates?: Readonly<Record<string, string>>;
  readonly requestParameters?: Readonly<Record<string, string>>;
}

export interface IntegrationResponse extends Entity {
  readonly apiId: string;
  readonly integrationId: string;
  readonly integrationResponseId: string;
  readonly integrationResponseKey: string;
  readonly templateSelectionExpression?: string;
  readonly responseTemplates?: Readonly<Record<string, string>>;
  readonly responseParameters?: Readonly<Record<string, string>>;
  readonly contentHandlingStrategy?: ContentHandlingStrategy;
}

/** A JSON Schema of draft 4 that the messages of a route can be held against. */
export interface Model extends Entity {
  readonly apiId: string;
  readonly modelId: string;
  /** Letters and digits; one of a kind in its Api. Routes refer to it. */
  readonly name: string;
  readonly schema: string;
  readonly contentType?: string;
  readonly description?: string;
}

/** A function that is asked whether a client may connect. */
export interface Authorizer extends Entity {
  readonly apiId: string;
  readonly authorizerId: string;
  readonly authorizerType: 'REQUEST';
  readonly authorizerUri: string;
  readonly name: string;
  readonly identitySource: readonly string[];
  readonly authorizerCredentialsArn?: string;
  /** Kept, and never applied. */
  readonly identityValidationExpression?: string;
}

/** What a deployment froze: an immutable copy of everything that routing needs (websocket-apis 1.9). */
export interface DeployedApi {
  readonly routeSelectionExpression: string;
  readonly disableExecuteApiEndpoint: boolean;
  /** Absent in deployments of the first versions: the header. */
  readonly apiKeySelectionExpression?: string;
  readonly routes: readonly DeployedRoute[];
  readonly integrations: readonly DeployedIntegration[];
  readonly models: readonly DeployedModel[];
  readonly authorizers: readonly DeployedAuthorizer[];
}
export type DeployedModel = Pick<Model, 'name' | 'schema'>;
export type DeployedAuthorizer = Omit<Authorizer, keyof Entity | 'apiId'>;
export type DeployedRoute = Omit<Route, keyof Entity | 'apiId'> & { readonly responseKeys: readonly string[] };
export type DeployedIntegration = Omit<Integration, keyof Entity | 'apiId'> & {
  readonly responses: readonly Omit<IntegrationResponse, keyof Entity | 'apiId' | 'integrationId'>[];
};

export interface Deployment extends Entity {
  readonly apiId: string;
  readonly deploymentId: string;
  readonly description?: string;
  /** True when an edit made it, for a stage with `autoDeploy`. */
  readonly autoDeployed?: boolean;
  readonly createdAtMs: number;
  readonly frozen: DeployedApi;
}

export interface RouteSettings {
  readonly dataTraceEnabled?: boolean;
  readonly detailedMetricsEnabled?: boolean;
  readonly loggingLevel?: 'ERROR' | 'INFO' | 'OFF';
  readonly throttlingBurstLimit?: number;
  readonly throttlingRateLimit?: number;
}

export interface AccessLogSettings {
  /** Of a log group or a stream (log-destination.ts), without `:*`. */
  readonly destinationArn: string;
  readonly format: string;
}

export interface Stage extends Entity {
  readonly apiId: string;
  readonly stageName: string;
  readonly deploymentId?: string;
  readonly autoDeploy?: boolean;
  /** Why the last automatic deployment was not made, or that it was. */
  readonly lastDeploymentStatusMessage?: string;
  /** Its automatic deployments that are kept, the newest first. Not told to clients. */
  readonly autoDeploymentIds?: readonly string[];
  readonly description?: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly defaultRouteSettings: RouteSettings;
  readonly routeSettings: Readonly<Record<string, RouteSettings>>;
  readonly accessLogSettings?: AccessLogSettings;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
}
