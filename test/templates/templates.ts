// Templates as people have them, and how each is read: `expected.json` beside it is what has to come out.

import { fileURLToPath } from 'node:url';
import type { ReadOptions, StackTemplate } from '../../src/stacks/template/stack-template.ts';
import { READ_OPTIONS, written } from '../harness/stack-templates.ts';

export interface Sample {
  readonly path: string;
  readonly expected: string;
  readonly options: ReadOptions;
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const reading = (parameters: Readonly<Record<string, string>>): ReadOptions => ({ ...READ_OPTIONS, parameters });

export const SAMPLES: Readonly<Record<string, Sample>> = {
  'a chat of SAM with routes that are written out': {
    path: at('simple-chat/template.yaml'),
    expected: at('simple-chat/expected.json'),
    options: reading({}),
  },
  'a WebSocket API of SAM with a domain and an authorizer': {
    path: at('web-socket-api/template.yaml'),
    expected: at('web-socket-api/expected.json'),
    options: reading({ Domain: 'ws.example.com', Zone: 'Z123' }),
  },
  'what cdk synth leaves': { path: at('cdk.out'), expected: at('cdk.expected.json'), options: reading({}) },
  'conditions, a domain name and a certificate, for development': {
    path: at('domain/template.yaml'),
    expected: at('domain/expected-dev.json'),
    options: reading({ Environment: 'dev' }),
  },
  'conditions, a domain name and a certificate, for production': {
    path: at('domain/template.yaml'),
    expected: at('domain/expected-prod.json'),
    options: reading({ Environment: 'prod', Token: 'arn:aws:lambda:eu-west-1:123456789012:function:guard' }),
  },
};

/** What was read, without what differs between machines. */
export function told({ resources, outputs, notCarried, notNeeded }: StackTemplate): unknown {
  const here = at('.');
  const told = {
    resources: resources.map(({ logicalId, type, properties, dependsOn, deletionPolicy, place: { line } }) => {
      return { logicalId, type, line, deletionPolicy, dependsOn, properties: written(properties) };
    }),
    outputs: outputs.map(({ name, description, value }) => ({ name, description, value: written(value) })),
    notCarried: notCarried.map(({ logicalId, type, reason, place: { line } }) => ({ logicalId, type, reason, line })),
    notNeeded: notNeeded.map(({ logicalId, type, reason, place: { line } }) => ({ logicalId, type, reason, line })),
  };
  return JSON.parse(JSON.stringify(told).replaceAll(JSON.stringify(here).slice(1, -1), '<here>/')) as unknown;
}
