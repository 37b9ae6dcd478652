// A function of the settings file as Lambda's operations show it. What its variables hold may be secret, and is not shown; nor is what has
// no meaning for code that lies where it is written: a role, a package with its size and digest, a revision.

import { formatArn } from '../../../model/arn.ts';
import type { FunctionConfiguration } from '../../../protocol/wire/shapes-lambda.ts';
import type { FunctionRuntime, FunctionSetting } from '../../../settings/function-setting.ts';
import type { FunctionRunner, OperationRequest } from '../operation.ts';

const MS_PER_SECOND = 1_000;
const VERSION = '$LATEST';

/** As a list shows it. */
export function listedFunction(
  setting: FunctionSetting,
  runner: FunctionRunner,
  { caller, region }: OperationRequest,
  isVersion: boolean,
): FunctionConfiguration {
  const { name, handler, timeoutMs, memoryMb } = setting;
  const runtime = RUNTIMES[runner.runtimeOf(setting)];
  return {
    FunctionName: name,
    FunctionArn: formatArn('lambda', region, caller.account, `function:${name}${isVersion ? `:${VERSION}` : ''}`),
    ...(runtime !== undefined && { Runtime: runtime }),
    Handler: handler,
    Description: '',
    Timeout: timeoutMs / MS_PER_SECOND,
    MemorySize: memoryMb,
    Version: VERSION,
    TracingConfig: { Mode: 'PassThrough' },
    PackageType: 'Zip',
    Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: `/aws/lambda/${name}` },
  };
}

/** As it is shown by itself: with its state, which lists leave out. */
export function functionOutput(
  setting: FunctionSetting,
  runner: FunctionRunner,
  request: OperationRequest,
): FunctionConfiguration {
  return { ...listedFunction(setting, runner, request, false), State: 'Active', LastUpdateStatus: 'Successful' };
}

/** Which Python it is, nobody knows before it runs. */
const RUNTIMES: Readonly<Record<FunctionRuntime, FunctionConfiguration['Runtime']>> = {
  nodejs: `nodejs${process.versions.node.split('.')[0]}.x` as FunctionConfiguration['Runtime'],
  python: undefined,
  command: 'provided.al2023',
};
