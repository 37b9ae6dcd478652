// The wire model: operations and shapes of the AWS services, generated from the SDK's schemas into model.json, and the
// types to read it by. Nobody edits model.json; `npm run generate` makes it.

import model from './model.json' with { type: 'json' };

export type ServiceName =
  'apigatewayv2' | 'apigateway' | 'acm' | 'route53' | 'sts' | 'lambda' | 'apigatewaymanagementapi';

export interface MemberModel {
  readonly type: string;
  readonly shape?: string;
  readonly location?: 'label' | 'query' | 'header' | 'payload' | 'status';
  readonly wireName?: string;
  readonly enum?: string;
}

export interface ShapeModel {
  readonly kind: 'structure' | 'union' | 'list' | 'map' | 'error';
  readonly members?: Readonly<Record<string, MemberModel>>;
  readonly required?: readonly string[];
  /** Of a list or map. */
  readonly element?: MemberModel;
  readonly status?: number;
}

export interface OperationModel {
  readonly http?: { readonly method: string; readonly uri: string; readonly status: number };
  readonly input: string | null;
  readonly output: string | null;
}

export interface ServiceModel {
  readonly protocol: 'rest-json' | 'json-1.1' | 'rest-xml' | 'query';
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, ShapeModel>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}

export const SERVICES = model as unknown as Readonly<Record<ServiceName, ServiceModel>>;

/** A structure of a service. Throws when the model has none of that name: the model refers only to what it holds. */
export function shapeOf(service: ServiceModel, name: string): ShapeModel {
  const shape = service.shapes[name];
  if (!shape) throw new Error(`the wire model has no shape ${name}`);
  return shape;
}

/** A decoded structure: members by their name in the model. */
export type WireRecord = Record<string, unknown>;
