// Templates that nobody would write: each is read, or is lines that name a file and a line. And expressions that somebody might: what is
// folded while a template is read, and evaluated when its resources are there, is what a plain interpreter makes of the whole.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import fc from 'fast-check';
import { evaluate } from '../../src/stacks/template/evaluate.ts';
import { ProblemAt } from '../../src/stacks/template/problem-list.ts';
import { readTemplate } from '../../src/stacks/template/read-template.ts';
import { TemplateProblems, type KnownResources, type StackTemplate } from '../../src/stacks/template/stack-template.ts';
import { READ_OPTIONS } from '../harness/stack-templates.ts';
import { SAMPLES } from '../templates/templates.ts';
import { changed, fuzz, HOSTILE_JSON, textOf, throwsOnly } from './fuzzing.ts';

const { property } = fuzz('stack templates');
const directory = mkdtempSync(join(tmpdir(), 'template-'));
after(() => rmSync(directory, { recursive: true }));

const ATTRIBUTES: Readonly<Record<string, string | readonly string[]>> = {
  Arn: 'arn:aws:x',
  Names: ['n1', 'n2', 'n3'],
  Long: 'a/b/c',
};
const KNOWN: KnownResources = {
  ref: (logicalId) => `${logicalId}/id`,
  attribute: (_, name) => (Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name]! : `of ${name}`),
};

/** Reads a text as the file of a template; what a template can cause is its own problem, one line each. */
function readText(text: string | Buffer, name: string): StackTemplate | undefined {
  const path = join(directory, name);
  writeFileSync(path, text);
  let template: StackTemplate | undefined;
  throwsOnly([TemplateProblems], () => {
    try {
      template = readTemplate(path, READ_OPTIONS);
    } catch (error) {
      if (error instanceof TemplateProblems) {
        for (const { place, message } of error.problems) {
          assert.ok(place.line >= 1 && place.file === path, `${place.file}:${place.line} is no place`);
          assert.ok(message.length > 0);
        }
      }
      throw error;
    }
  });
  return template;
}

function assertWhole({ resources }: StackTemplate): void {
  const seen = new Set<string>();
  for (const { logicalId, dependsOn, properties } of resources) {
    for (const one of dependsOn) assert.ok(seen.has(one), `${logicalId} comes before ${one}`);
    seen.add(logicalId);
    throwsOnly([ProblemAt], () => evaluate(properties, KNOWN));
  }
  assert.equal(seen.size, resources.length);
}

const FILES = [...new Set(Object.values(SAMPLES).map(({ path }) => path))]
  .map((path) => (statSync(path).isDirectory() ? join(path, 'ChatStack.template.json') : path))
  .map((path) => readFileSync(path));

property(
  'a template of which octets were changed',
  fc.tuple(changed(...FILES), fc.constantFrom('changed.yaml', 'changed.json', 'changed.template')),
  ([octets, name]) => {
    const template = readText(octets, name);
    if (template) assertWhole(template);
  },
);

property(
  'lines of templates in any order',
  fc.array(fc.constantFrom(...FILES.flatMap((file) => file.toString('utf8').split('\n'))), { maxLength: 40 }),
  (lines) => {
    const template = readText(lines.join('\n'), 'lines.yaml');
    if (template) assertWhole(template);
  },
);

property(
  'pieces of YAML',
  textOf(
    'Resources:',
    '\n',
    '  ',
    'A:',
    '&a',
    '*a',
    '<<:',
    '!Sub ',
    '!Ref ',
    '[',
    ']',
    '{',
    '}',
    '- ',
    '"',
    "'",
    '|',
    '>',
    '? ',
    ', ',
    '#',
    '%',
    '---',
    '!<x>',
    'Type: AWS::SNS::Topic',
    '\t',
  ),
  (text) => {
    const template = readText(text, 'pieces.yaml');
    if (template) assertWhole(template);
  },
);

const FUNCTIONS = [
  'Ref',
  'Fn::Sub',
  'Fn::Join',
  'Fn::Select',
  'Fn::Split',
  'Fn::GetAtt',
  'Fn::If',
  'Fn::FindInMap',
  'Fn::Base64',
  'Fn::Length',
  'Fn::ToJsonString',
  'Fn::And',
  'Fn::Not',
  'Fn::Equals',
  'Condition',
  'Fn::ImportValue',
  'Fn::GetAZs',
  'Fn::ForEach::X',
  'Fn::None',
];
const NAMES = [
  'A',
  'B',
  'P',
  'C',
  'M',
  'AWS::Region',
  'AWS::NoValue',
  'A.Arn',
  '${A}',
  '${P}-${B.Arn}',
  '',
  '0',
  '__proto__',
  'constructor',
];
const HOSTILE: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(...NAMES),
    HOSTILE_JSON,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.tuple(fc.constantFrom(...FUNCTIONS), tie('value')).map(([name, value]) => ({ [name]: value })),
    fc.dictionary(fc.constantFrom(...FUNCTIONS, 'a', 'Type', 'Name', 'DefaultValue'), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const TYPES = [
  'AWS::SNS::Topic',
  'AWS::Serverless::Function',
  'AWS::Serverless::WebSocketApi',
  'AWS::Serverless::SimpleTable',
  'AWS::Lambda::Function',
  'None',
];
const RESOURCE = fc.oneof(
  HOSTILE,
  fc.record(
    {
      Type: fc.constantFrom(...TYPES),
      Properties: fc.oneof(
        HOSTILE,
        fc.dictionary(
          fc.constantFrom(
            'Routes',
            'RouteSelectionExpression',
            'Domain',
            'Auth',
            'StageName',
            'Handler',
            'CodeUri',
            'InlineCode',
            'Events',
            'Environment',
            'Tags',
            'Code',
            'FunctionUrlConfig',
            'PrimaryKey',
          ),
          fc.oneof(
            HOSTILE,
            fc.dictionary(
              fc.constantFrom(
                '$connect',
                'send',
                'DomainName',
                'CertificateArn',
                'Route53',
                'BasePath',
                'AuthType',
                'AuthArn',
                'HostedZoneId',
              ),
              HOSTILE,
              { maxKeys: 4 },
            ),
          ),
          { maxKeys: 5 },
        ),
      ),
      DependsOn: HOSTILE,
      Condition: fc.constantFrom<unknown>('C', 'D', null),
      Metadata: fc.oneof(HOSTILE, fc.constant({ 'aws:asset:property': 'Code', 'aws:asset:path': '..' })),
      DeletionPolicy: HOSTILE,
      IgnoreGlobals: HOSTILE,
    },
    { requiredKeys: ['Type'] },
  ),
);

property(
  'a template whose sections hold what nobody expects',
  fc.record(
    {
      Transform: fc.oneof(
        { weight: 4, arbitrary: fc.constant('AWS::Serverless-2016-10-31') },
        { weight: 1, arbitrary: HOSTILE },
      ),
      Resources: fc.oneof(
        { weight: 6, arbitrary: fc.dictionary(fc.constantFrom('A', 'B', 'P', '__proto__'), RESOURCE, { maxKeys: 3 }) },
        { weight: 1, arbitrary: HOSTILE },
      ),
      Parameters: fc.oneof(
        HOSTILE,
        fc.dictionary(
          fc.constantFrom('P', 'A'),
          fc.dictionary(
            fc.constantFrom('Type', 'Default', 'AllowedValues', 'AllowedPattern', 'MinLength', 'MaxValue'),
            fc.oneof(HOSTILE, fc.constantFrom('String', 'Number', 'CommaDelimitedList')),
            { maxKeys: 4 },
          ),
          { maxKeys: 2 },
        ),
      ),
      Conditions: fc.oneof(HOSTILE, fc.dictionary(fc.constantFrom('C', 'D'), HOSTILE, { maxKeys: 2 })),
      Mappings: fc.oneof(HOSTILE, fc.constant({ M: { A: { B: 'x', C: ['y'] } } })),
      Outputs: fc.oneof(HOSTILE, fc.dictionary(fc.constantFrom('O'), fc.record({ Value: HOSTILE }), { maxKeys: 1 })),
      Globals: fc.oneof(HOSTILE, fc.dictionary(fc.constantFrom('Function', 'WebSocketApi'), HOSTILE, { maxKeys: 2 })),
      Rules: HOSTILE,
    },
    { requiredKeys: ['Resources'] },
  ),
  (template) => {
    const whole = readText(JSON.stringify(template), 'hostile.json');
    if (whole) assertWhole(whole);
  },
  2_000,
);

type Written = null | boolean | number | string | readonly Written[] | { readonly [key: string]: Written };

const PARAMETERS: Readonly<Record<string, string>> = { One: 'first', Two: '2' };
const LIST = ['x', 'y', 'z'];
const CONDITIONS: Readonly<Record<string, boolean>> = { Yes: true, No: false };
const RESOURCES = ['Topic', 'Queue'];
const REGION = READ_OPTIONS.region;

const LETTERS = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', ',', '$', 'é', '😀'), maxLength: 5 });
const DELIMITER = fc.constantFrom('/', '-', ',', 'a', ':/');
const CONDITION = fc.constantFrom(...Object.keys(CONDITIONS));
const ATTRIBUTE = fc.tuple(fc.constantFrom(...RESOURCES), fc.constantFrom('Arn', 'Long'));
const SUB_PIECE = fc.oneof(
  LETTERS,
  fc.constantFrom('${One}', '${Two}', '${Topic}', '${Queue.Long}', '${!One}', '${AWS::Region}'),
);
const NO_VALUE = { Ref: 'AWS::NoValue' };

const EXPRESSIONS = fc.letrec<{ text: Written; list: Written; item: Written }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    LETTERS,
    fc.constantFrom(...Object.keys(PARAMETERS), ...RESOURCES, 'AWS::Region').map((name) => ({ Ref: name })),
    ATTRIBUTE.map(([resource, name]) => ({ 'Fn::GetAtt': [resource, name] })),
    fc
      .tuple(fc.constantFrom('', ...LIST, '/', ', '), tie('list'))
      .map(([between, list]) => ({ 'Fn::Join': [between, list] })),
    fc.tuple(fc.nat(3), tie('list')).map(([index, list]) => ({ 'Fn::Select': [index, list] })),
    fc.array(SUB_PIECE, { maxLength: 5 }).map((pieces) => ({ 'Fn::Sub': pieces.join('') })),
    fc
      .tuple(fc.array(fc.oneof(SUB_PIECE, fc.constant('${Own}')), { maxLength: 5 }), tie('text'))
      .map(([pieces, own]) => ({ 'Fn::Sub': [pieces.join(''), { Own: own }] })),
    tie('text').map((text) => ({ 'Fn::Base64': text })),
    fc.tuple(CONDITION, tie('text'), tie('text')).map((all) => ({ 'Fn::If': all })),
    tie('list').map((list) => ({ 'Fn::ToJsonString': [list] })),
    tie('list').map((list) => ({ 'Fn::Length': list })),
    fc.constant({ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'text'] }),
  ),
  item: fc.oneof({ weight: 5, arbitrary: tie('text') }, { weight: 1, arbitrary: fc.constant(NO_VALUE) }),
  list: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.array(tie('item'), { maxLength: 4 }),
    fc.constant({ Ref: 'List' }),
    fc.constant({ 'Fn::GetAtt': ['Queue', 'Names'] }),
    fc.constant({ 'Fn::FindInMap': ['M', 'eu-west-1', 'list'] }),
    fc.tuple(DELIMITER, tie('text')).map((all) => ({ 'Fn::Split': all })),
    fc.tuple(CONDITION, tie('list'), tie('list')).map((all) => ({ 'Fn::If': all })),
  ),
}));

/** What an expression comes to when all is known from the start, with no thought for order, bounds or lines. */
function plainly(value: Written): Written | undefined {
  if (Array.isArray(value)) return value.map(plainly).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const [name, argument] = Object.entries(value)[0]! as [string, Written];
  const list = argument as readonly Written[];
  const text = (of: Written | undefined) => String(of);
  const named = (one: string) =>
    one === 'AWS::Region' ? REGION : Object.hasOwn(PARAMETERS, one) ? PARAMETERS[one]! : KNOWN.ref(one);
  switch (name) {
    case 'Ref':
      if (argument === 'AWS::NoValue') return undefined;
      return argument === 'List' ? LIST : named(argument as string);
    case 'Fn::GetAtt':
      return KNOWN.attribute(list[0] as string, list[1] as string) as Written;
    case 'Fn::Join':
      return (plainly(list[1]!) as readonly Written[]).map(text).join(list[0] as string);
    case 'Fn::Select': {
      const found = (plainly(list[1]!) as readonly Written[])[list[0] as number];
      if (found === undefined) throw new RangeError('no such item');
      return found;
    }
    case 'Fn::Sub': {
      const [pattern, own] = Array.isArray(argument)
        ? (argument as [string, { Own: Written }])
        : [argument as string, undefined];
      return pattern.replaceAll(/\$\{([^{}]*)\}/g, (_, inside: string) => {
        if (inside.startsWith('!')) return `\${${inside.slice(1)}}`;
        if (inside === 'Own') return text(plainly(own!.Own));
        const [resource, attribute] = inside.split('.') as [string, string | undefined];
        return attribute === undefined ? named(inside) : (KNOWN.attribute(resource, attribute) as string);
      });
    }
    case 'Fn::Base64':
      return Buffer.from(text(plainly(argument))).toString('base64');
    case 'Fn::If':
      return plainly(CONDITIONS[list[0] as string] ? list[1]! : list[2]!);
    case 'Fn::ToJsonString':
      return JSON.stringify(plainly(argument));
    case 'Fn::Length':
      return (plainly(argument) as readonly Written[]).length;
    case 'Fn::Split':
      return text(plainly(list[1]!)).split(list[0] as string);
    default:
      return list[2] === 'list' ? ['m', 'n'] : 'mapped';
  }
}

const templateOf = (value: Written) => ({
  Parameters: {
    One: { Type: 'String', Default: PARAMETERS['One'] },
    Two: { Type: 'String', Default: PARAMETERS['Two'] },
    List: { Type: 'CommaDelimitedList', Default: LIST.join(',') },
  },
  Conditions: { Yes: { 'Fn::Equals': [{ Ref: 'One' }, 'first'] }, No: { 'Fn::Not': [{ Condition: 'Yes' }] } },
  Mappings: { M: { [REGION]: { text: 'mapped', list: ['m', 'n'] } } },
  Resources: {
    Topic: { Type: 'AWS::SNS::Topic' },
    Queue: { Type: 'AWS::SQS::Queue' },
    Thing: { Type: 'AWS::SNS::Topic', Properties: { V: value } },
  },
});

property(
  'folding and evaluating come to what a plain interpreter comes to',
  EXPRESSIONS.text,
  (expression) => {
    let expected: Written | undefined;
    let hasValue = true;
    try {
      expected = plainly(expression);
    } catch {
      hasValue = false;
    }
    const path = join(directory, 'expression.json');
    writeFileSync(path, JSON.stringify(templateOf(expression)));
    const ours = () => {
      const { resources } = readTemplate(path, READ_OPTIONS);
      return evaluate(resources.find(({ logicalId }) => logicalId === 'Thing')!.properties, KNOWN);
    };
    if (hasValue) assert.deepEqual(ours(), { V: expected });
    // An item that nobody selects is not looked at: what is wrong with it may go unnoticed.
    else throwsOnly([TemplateProblems, ProblemAt], ours);
  },
  2_000,
);
