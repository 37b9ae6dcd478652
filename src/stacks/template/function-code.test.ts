// Code of functions of Lambda's own type, and what CDK leaves of it.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { inDirectory, problemsOf, propertiesOf, read, READ_OPTIONS } from '../../../test/harness/stack-templates.ts';
import { readTemplate } from './read-template.ts';

const functionOf = (code: string) =>
  `Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Code: ${code}}}\n`;
const codeOf = (text: string, files: Readonly<Record<string, string>> = {}) =>
  (propertiesOf(read(text, {}, files), 'F') as { readonly Code: unknown }).Code;

void test('takes a path for code, as aws cloudformation package does', () => {
  const { Directory } = codeOf(functionOf('./src'), { 'src/a.js': '' }) as { readonly Directory: string };
  assert.match(Directory, /\/src$/);
  assert.deepEqual(problemsOf(functionOf('./src')), ["2: the code of function 'F', ./src, is not there"]);
});

void test('keeps code in buckets and in the template as it is', () => {
  assert.deepEqual(codeOf(functionOf('{S3Bucket: b, S3Key: k.zip}')), { S3Bucket: 'b', S3Key: 'k.zip' });
  assert.deepEqual(codeOf(functionOf('{ZipFile: x}')), { ZipFile: 'x' });
});

const stack = (id: string, file: string) => ({
  [id]: { type: 'aws:cloudformation:stack', properties: { templateFile: file } },
});
const TEMPLATE = JSON.stringify({ Resources: { F: { Type: 'AWS::SNS::Topic' } } });

const ASSEMBLIES: readonly (readonly [name: string, artifacts: object, stackName: string, found: string | RegExp])[] = [
  ['the only stack', stack('One', 'One.template.json'), 'chat', 'One.template.json'],
  [
    'the stack with the name',
    { ...stack('One', 'One.template.json'), ...stack('Two', 'Two.template.json') },
    'Two',
    'Two.template.json',
  ],
  [
    'none of two',
    { ...stack('One', 'One.template.json'), ...stack('Two', 'Two.template.json') },
    'chat',
    /1: the directory has 2 stacks, and none is called 'chat'; name one of .*One\.template\.json, .*Two\.template\.json$/,
  ],
  ['no stack', {}, 'chat', /1: manifest\.json names no stack$/],
  [
    'a stack whose template is gone',
    stack('Gone', 'Gone.template.json'),
    'chat',
    /Gone\.template\.json:1: there is no such file$/,
  ],
];

for (const [name, artifacts, stackName, found] of ASSEMBLIES) {
  void test(`looks in cdk.out, and finds ${name}`, () => {
    const files = {
      'manifest.json': JSON.stringify({ artifacts }),
      'One.template.json': TEMPLATE,
      'Two.template.json': TEMPLATE,
    };
    inDirectory(files, (directory) => {
      const reading = () => readTemplate(directory, { ...READ_OPTIONS, stackName });
      if (typeof found === 'string') assert.equal(reading().files[0], join(directory, found));
      else assert.throws(reading, { message: found });
    });
  });
}

void test('names the template of a directory in a problem', () => {
  const files = {
    'manifest.json': JSON.stringify({ artifacts: stack('One', 'One.template.json') }),
    'One.template.json': '{\n"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"V": {"Ref": "B"}}}}}',
  };
  inDirectory(files, (directory) => {
    const message = `${join(directory, 'One.template.json')}:2: Ref asks for what is not there: there is no parameter or resource 'B'`;
    assert.throws(
      () => readTemplate(directory, READ_OPTIONS),
      (error: Error) => error.message.startsWith(message),
    );
  });
});
