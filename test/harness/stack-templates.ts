// Templates of stacks, read from files as a user has them; and what became of them in a form that a test can hold against another.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readTemplate } from '../../src/stacks/template/read-template.ts';
import {
  TemplateProblems,
  type ReadOptions,
  type StackTemplate,
  type Value,
} from '../../src/stacks/template/stack-template.ts';

export const READ_OPTIONS: ReadOptions = {
  stackName: 'chat',
  parameters: {},
  account: '123456789012',
  region: 'eu-west-1',
  urlSuffix: 'localhost',
};

/** Texts by file name, in a directory of their own that is gone behind `use`. */
export function inDirectory<T>(files: Readonly<Record<string, string>>, use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'template-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function read(
  text: string,
  options: Partial<ReadOptions> = {},
  files: Readonly<Record<string, string>> = {},
): StackTemplate {
  return inDirectory({ 'template.yaml': text, ...files }, (directory) =>
    readTemplate(join(directory, 'template.yaml'), { ...READ_OPTIONS, ...options }),
  );
}

/** The lines of what is wrong, without the directory of the file. Fails where nothing is. */
export function problemsOf(
  text: string,
  options: Partial<ReadOptions> = {},
  name = 'template.yaml',
): readonly string[] {
  return inDirectory({ [name]: text }, (directory) => {
    try {
      readTemplate(join(directory, name), { ...READ_OPTIONS, ...options });
    } catch (error) {
      if (!(error instanceof TemplateProblems)) throw error;
      return error.message.split('\n').map((line) => line.replace(`${join(directory, name)}:`, ''));
    }
    return assert.fail('the template is read without a problem');
  });
}

/** A value as CloudFormation would write it. */
export function written(value: Value): unknown {
  switch (value.kind) {
    case 'scalar':
      return value.value;
    case 'list':
      return value.items.map(written);
    case 'map':
      return Object.fromEntries([...value.entries].map(([key, member]) => [key, written(member)]));
    case 'ref':
      return { Ref: value.logicalId };
    case 'attribute':
      return { 'Fn::GetAtt': `${value.logicalId}.${value.name}` };
    case 'join':
      return { 'Fn::Join': [value.delimiter, written(value.items)] };
    case 'select':
      return { 'Fn::Select': [value.index, written(value.items)] };
    case 'split':
      return { 'Fn::Split': [value.delimiter, written(value.text)] };
    case 'base64':
      return { 'Fn::Base64': written(value.text) };
    case 'length':
      return { 'Fn::Length': written(value.items) };
    case 'json':
      return { 'Fn::ToJsonString': written(value.of) };
  }
}

/** The properties of one resource of a template. */
export function propertiesOf(template: StackTemplate, logicalId: string): unknown {
  const found = template.resources.find((resource) => resource.logicalId === logicalId);
  assert.ok(found, `there is no resource ${logicalId}: ${template.resources.map((one) => one.logicalId).join(', ')}`);
  return written(found.properties);
}
