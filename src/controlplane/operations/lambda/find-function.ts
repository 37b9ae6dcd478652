// The function that a request names, of the caller's account and the region it signed for.

import { formatArn } from '../../../model/arn.ts';
import { Fault } from '../../../model/faults.ts';
import { parseFunctionName } from '../../../model/function-name.ts';
import type { FunctionSetting } from '../../../settings/function-setting.ts';
import type { FunctionRunner, OperationRequest, OperationWorld } from '../operation.ts';

export interface FoundFunction {
  readonly setting: FunctionSetting;
  readonly runner: FunctionRunner;
  /** With the version or alias that was asked for. */
  readonly functionArn: string;
}

/** Throws ResourceNotFoundException; what is another account's is nowhere. */
export function findFunction(
  given: string,
  qualifier: string | undefined,
  { caller, region }: OperationRequest,
  { functions }: OperationWorld,
): FoundFunction {
  const { name, qualifier: ofName, ...place } = parseFunctionName(given);
  const version = qualifier ?? ofName;
  const resource = `function:${name}${version === undefined ? '' : `:${version}`}`;
  const functionArn = formatArn('lambda', region, caller.account, resource);
  const isHere = (place.account ?? caller.account) === caller.account && (place.region ?? region) === region;
  const setting = isHere ? functions.find(name, caller.account) : undefined;
  if (setting) return { setting, runner: functions, functionArn };
  const text = `Function not found: ${isHere && name !== '' ? functionArn : given.slice(0, 256)}`;
  throw new Fault('ResourceNotFoundException', text, { members: { Type: 'User' } });
}
