// GetFunctionConfiguration: what GetFunction shows, alone.

import type { Operation } from '../operation.ts';
import { findFunction } from './find-function.ts';
import { functionOutput } from './function-output.ts';

export const getFunctionConfiguration: Operation<'lambda', 'GetFunctionConfiguration'> = async (
  { FunctionName: name, Qualifier: qualifier },
  request,
  world,
) => {
  const { setting, runner } = findFunction(name, qualifier, request, world);
  return functionOutput(setting, runner, request);
};
