// A function of the settings file as Lambda's operations show it. What its variables hold may be secret, and is not shown.

import { formatArn } from '../../../model/arn.ts';
import type { FunctionConfiguration } from '../../../protocol/wire/shapes-lambda.ts';
import type { FunctionSetting } from '../../../settings/function-setting.ts';
import type { OperationRequest } from '../operation.ts';

const MS_PER_SECOND = 1_000;

export function functionOutput(setting: FunctionSetting, { caller, region }: OperationRequest): FunctionConfiguration {
  const { name, handler, timeoutMs, memoryMb } = setting;
  return {
    FunctionName: name,
    FunctionArn: formatArn('lambda', region, caller.account, `function:${name}`),
    Handler: handler,
    Timeout: timeoutMs / MS_PER_SECOND,
    MemorySize: memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}
