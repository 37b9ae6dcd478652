// Does a message fit its route's model (websocket-apis 3.7)? Between route and integrate, for routes with a modelSelectionExpression
// alone. A model is made ready when a first message needs it, so that a start costs nothing for it.

import { refuse, type Refusal } from '../../model/faults.ts';
import { compileMessageSchema, type MessageSchema } from '../../protocol/json-schema/message-schema.ts';
import { evaluateSelection } from '../../protocol/selection-expression.ts';
import { limit } from '../../settings/limits.ts';
import type { RouteValidation } from '../../snapshot/compile-deployment.ts';
import type { Routed } from '../stages.ts';

const STEP = 'validate';
type Ready = MessageSchema | { readonly problem: string };
/** By validation of a deployment's route, and there by the model's name. */
const readyModels = new WeakMap<RouteValidation, Map<string, Ready>>();

/** Undefined when the message may go on. No model for it is a refusal, as is a model that cannot be used. */
export function validateBody({ route, document, connection }: Routed): Refusal | undefined {
  const { validation } = route;
  if (!validation) return undefined;
  const key = document === undefined ? '$default' : evaluateSelection(validation.selection, document);
  const name = validation.modelNames.get(key) ?? validation.modelNames.get('$default');
  if (name === undefined) {
    return refuse(
      'BadRequestBody',
      STEP,
      `no model '${key.slice(0, 128)}' and no $default for route ${route.routeKey}`,
    );
  }
  const model = modelOf(validation, name, connection.facts.apiId);
  if ('problem' in model)
    return refuse('ConfigurationError', STEP, `the model ${name} cannot be used: ${model.problem}`);
  if (document === undefined) return refuse('BadRequestBody', STEP, `not JSON, which the model ${name} asks for`);
  const problem = model.problemOf(document);
  return problem === undefined ? undefined : refuse('BadRequestBody', STEP, `model ${name}: ${problem}`);
}

function modelOf(validation: RouteValidation, name: string, apiId: string): Ready {
  let models = readyModels.get(validation);
  if (!models) readyModels.set(validation, (models = new Map<string, Ready>()));
  let ready = models.get(name);
  if (!ready) models.set(name, (ready = makeReady(validation.schemas, name, apiId)));
  return ready;
}

function makeReady(schemas: ReadonlyMap<string, string>, name: string, apiId: string): Ready {
  const schema = schemas.get(name);
  if (schema === undefined) return { problem: 'it is not in this deployment' };
  return compileMessageSchema(schema, apiId, (other) => schemas.get(other), {
    bytesMax: limit('modelSchemaBytesMax'),
    levelsMax: limit('modelSchemaLevelsMax'),
    stepsMax: limit('modelStepsMax'),
  });
}
