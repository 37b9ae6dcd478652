// What a Model may hold (websocket-apis 1.7): used by CreateModel and UpdateModel alike.

import type { Api, Model } from '../../../model/api.ts';
import { compileMessageSchema } from '../../../protocol/json-schema/message-schema.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import { badRequest, conflict } from './find.ts';

const NAME = /^[A-Za-z0-9]{1,128}$/;

/** Throws BadRequestException for a name or schema that cannot be, ConflictException for a name that another Model has. */
export async function checkModel(view: View, api: Api, { modelId, name, schema }: Model): Promise<void> {
  if (!NAME.test(name)) throw badRequest(`Model name must be alphanumeric: ${name.slice(0, 128)}`);
  const others = (await view.children('model', api.apiId)).filter((other) => other.modelId !== modelId);
  if (others.some((other) => other.name === name))
    throw conflict(`Model with name ${name} already exists for this API`);
  const texts = new Map(others.map((other) => [other.name, other.schema]));
  const compiled = compileMessageSchema(schema, api.apiId, (other) => (other === name ? schema : texts.get(other)), {
    bytesMax: limit('modelSchemaBytesMax'),
    levelsMax: limit('modelSchemaLevelsMax'),
    stepsMax: limit('modelStepsMax'),
  });
  if ('problem' in compiled) throw badRequest(`Invalid model schema specified: ${compiled.problem}`);
}
