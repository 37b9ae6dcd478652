// ListFunctions: the functions of the settings file that are the caller's, on one page, by name.

import type { Operation } from '../operation.ts';
import { functionOutput } from './function-output.ts';

export const listFunctions: Operation<'lambda', 'ListFunctions'> = async (_input, request, { functions }) => {
  const settings = functions.list(request.caller.account);
  const sorted = settings.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { Functions: sorted.map((setting) => functionOutput(setting, request)) };
};
