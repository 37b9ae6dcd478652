// AWS::Lambda::Function: a process of the gateway's machine, from the directory that its code lies in. It has no operation of its own: the
// record of the stack carries it.

import { randomBytes } from 'node:crypto';
import type { Json } from '../template/stack-template.ts';
import { UNNEEDED, type MemberSpec, type Properties, type StructureSpec } from '../property-spec.ts';
import { writeInlineCode } from './inline-code.ts';
import type { FunctionDefinition, Made, MakingContext, ResourceType } from '../resource-type.ts';

export const FUNCTION_TYPE = 'AWS::Lambda::Function';
const TIMEOUT_SECONDS = 3;
const MEMORY_MB = 128;
const NAME_CHARACTERS_MAX = 64;
const SUFFIX_BYTES = 6;

const text: MemberSpec = { spec: { kind: 'string' }, wire: '' };
const number: MemberSpec = { spec: { kind: 'number' }, wire: '' };
const any: MemberSpec = { spec: { kind: 'any' }, wire: '' };

/** What of a function in the cloud needs nothing here. */
const UNNEEDED_NAMES = [
  'Architectures',
  'CodeSigningConfigArn',
  'DeadLetterConfig',
  'Description',
  'EphemeralStorage',
  'FileSystemConfigs',
  'KmsKeyArn',
  'LoggingConfig',
  'PackageType',
  'RecursiveLoop',
  'ReservedConcurrentExecutions',
  'Role',
  'RuntimeManagementConfig',
  'SnapStart',
  'Tags',
  'TracingConfig',
  'VpcConfig',
] as const;

const ELSEWHERE = 'is code that is not on this machine: name a directory of it, or CodeUri';

const CODE: StructureSpec = {
  kind: 'structure',
  members: {
    Directory: text,
    ZipFile: text,
    ...Object.fromEntries(
      ['S3Bucket', 'S3Key', 'ImageUri', 'S3ObjectVersion'].map((name) => [name, { ...any, refusal: ELSEWHERE }]),
    ),
  },
};

const missed = (reason: string): MemberSpec => ({ ...any, leftOut: { reason, isMissed: true } });

const SPEC: StructureSpec = {
  kind: 'structure',
  members: {
    FunctionName: text,
    Handler: text,
    Runtime: text,
    Timeout: number,
    MemorySize: number,
    Code: { spec: CODE, wire: '', isRequired: true },
    Environment: {
      spec: { kind: 'structure', members: { Variables: { spec: { kind: 'map', of: { kind: 'string' } }, wire: '' } } },
      wire: '',
    },
    ImageConfig: missed('is of a container image, which is not run here'),
    ...Object.fromEntries(UNNEEDED_NAMES.map((name) => [name, { ...any, leftOut: UNNEEDED }])),
    Layers: missed('what they hold has to lie beside the code here'),
  },
};

export const FUNCTION: ResourceType = {
  spec: SPEC,
  attributeNames: ['Arn'],
  secrets: ['Environment'],
  isUpdatable: (before, after) => before['FunctionName'] === after['FunctionName'],
  make: async (properties, context) => madeOf(properties, newName(properties, context), context),
  change: async (old, after, context) => madeOf(after, old.physicalId, context),
  // It goes with the record.
  remove: () => Promise.resolve(),
};

/** As CloudFormation names what a template does not. */
function newName(properties: Properties, { stackName, logicalId }: MakingContext): string {
  const given = properties['FunctionName'];
  if (typeof given === 'string') return given;
  const suffix = randomBytes(SUFFIX_BYTES).toString('hex').toUpperCase();
  const room = NAME_CHARACTERS_MAX - suffix.length - 1;
  return `${`${stackName}-${logicalId}`.slice(0, room).replace(/-$/, '')}-${suffix}`;
}

function madeOf(properties: Properties, name: string, context: MakingContext): Made {
  const { region, account } = context;
  const { Handler, Runtime, Timeout = TIMEOUT_SECONDS, MemorySize = MEMORY_MB, Code, Environment } = properties;
  const variables = ((Environment ?? {}) as Readonly<Record<string, Json>>)['Variables'] ?? {};
  const definition: FunctionDefinition = {
    name,
    handler: typeof Handler === 'string' ? Handler : 'bootstrap',
    taskRoot: directoryOf(Code as Properties, Runtime, context),
    timeoutSeconds: Number(Timeout),
    memoryMb: Number(MemorySize),
    environment: variables as Readonly<Record<string, string>>,
    ...runtimeOf(Runtime),
  };
  return {
    physicalId: name,
    attributes: { Arn: `arn:aws:lambda:${region}:${account}:function:${name}` },
    function: definition,
  };
}

function directoryOf({ Directory, ZipFile }: Properties, runtime: Json | undefined, context: MakingContext): string {
  if (typeof ZipFile !== 'string') return String(Directory);
  const isPython = String(runtime).startsWith('python');
  const { stackName, logicalId, dataDir } = context;
  return writeInlineCode(ZipFile, isPython, `${stackName}-${logicalId}`, dataDir);
}

/** Undefined where the handler's file says it. */
function runtimeOf(runtime: Json | undefined): Pick<FunctionDefinition, 'runtime'> {
  if (typeof runtime !== 'string') return {};
  if (runtime.startsWith('nodejs')) return { runtime: 'nodejs' };
  if (runtime.startsWith('python')) return { runtime: 'python' };
  return runtime.startsWith('provided') ? { runtime: 'command' } : {};
}
