// GetFunction: a function of the settings file. Its code lies where it is written, so there is no place to load it from.

import type { Operation } from '../operation.ts';
import { findFunction } from './find-function.ts';
import { functionOutput } from './function-output.ts';

export const getFunction: Operation<'lambda', 'GetFunction'> = async (
  { FunctionName: name, Qualifier: qualifier },
  request,
  world,
) => {
  const { setting, runner } = findFunction(name, qualifier, request, world);
  return { Configuration: functionOutput(setting, runner, request) };
};
