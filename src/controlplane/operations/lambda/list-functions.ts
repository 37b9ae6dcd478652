// ListFunctions: the functions of the settings file and of stacks that are the caller's, by name, page by page.

import type { Operation } from '../operation.ts';
import { decodeToken, encodeToken } from '../paging.ts';
import { listedFunction } from './function-output.ts';

const LIST = 'functions';
/** However many are asked for, as on AWS. */
const PAGE_MAX = 50;

export const listFunctions: Operation<'lambda', 'ListFunctions'> = async (input, request, { functions }) => {
  const { Marker: marker, MaxItems: asked = PAGE_MAX, FunctionVersion: version, MasterRegion: master } = input;
  const after = marker === undefined ? '' : decodeToken(LIST, marker, 'InvalidParameterValueException');
  // Nothing is replicated from another region.
  if (master !== undefined && master !== 'ALL') return { Functions: [] };
  const settings = functions.list(request.caller.account).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rest = settings.filter(({ name }) => name > after);
  const page = rest.slice(0, Math.min(asked, PAGE_MAX));
  const isCut = page.length < rest.length;
  return {
    Functions: page.map((setting) => listedFunction(setting, functions, request, version === 'ALL')),
    ...(isCut && { NextMarker: encodeToken(LIST, page.at(-1)!.name) }),
  };
};
