// Every bound of a template that `sallyport up` reads. A table alone, like limit-table.ts, which takes it up.

import type { Limit } from './limit.ts';

export const STACK_TEMPLATE_LIMITS = {
  stackTemplateBytesMax: { value: 4_194_304, aws: 1_048_576, fault: null, protects: 'memory: the file of a template' },
  stackTemplateLevelsMax: {
    value: 100,
    aws: null,
    fault: null,
    protects: 'the stack of the reader: lists and objects within each other, in a template',
  },
  stackTemplateNodesMax: {
    value: 500_000,
    aws: null,
    fault: null,
    protects: 'memory and time: values of a template, those that its aliases repeat included',
  },
  stackTemplateProducedBytesMax: {
    value: 33_554_432,
    aws: null,
    fault: null,
    protects: 'memory and time: what the expressions of a template make',
  },
  stackTemplateProblemsMax: {
    value: 50,
    aws: null,
    fault: null,
    protects: 'the terminal: problems of one template that are told',
  },
} as const satisfies Record<string, Limit>;
