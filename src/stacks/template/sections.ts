// The top of a template: its sections, and the transforms that it asks for.

import { nearestName } from './nearest-name.ts';
import type { ProblemList } from './problem-list.ts';
import type { NotCarried } from './stack-template.ts';
import { asMap, asText, type MapNode, type Node } from './template-node.ts';

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Globals',
  'Hooks',
  'Mappings',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Rules',
  'Transform',
];
const SERVERLESS = 'AWS::Serverless-2016-10-31';
const TRANSFORMS = [SERVERLESS, 'AWS::LanguageExtensions'];
/** CDK puts it into every template: it asks for a bucket that no local stack needs. */
const BOOTSTRAP_RULE = 'CheckBootstrapVersion';

export interface Sections {
  readonly parameters: MapNode | undefined;
  readonly mappings: MapNode | undefined;
  readonly conditions: MapNode | undefined;
  readonly globals: MapNode | undefined;
  readonly resources: MapNode;
  readonly outputs: MapNode | undefined;
  /** Whether the template asks for SAM. */
  readonly isServerless: boolean;
  readonly notCarried: readonly NotCarried[];
}

/** Throws ProblemAt where nothing of it can be read. */
export function readSections(root: Node, problems: ProblemList): Sections {
  const { entries } = asMap(root, 'a template');
  for (const [name, { line }] of entries) {
    if (!SECTIONS.includes(name)) problems.add(line, `a template has no section ${name}${nearestName(name, SECTIONS)}`);
  }
  const section = (name: string) => {
    const node = entries.get(name);
    if (!node || (node.kind === 'scalar' && node.value === null)) return undefined;
    return problems.collect(() => asMap(node, `the section ${name}`), undefined);
  };
  const resources = section('Resources');
  if (!resources || resources.entries.size === 0) {
    problems.add(entries.get('Resources')?.line ?? root.line, 'the template has no Resources');
  }
  const isServerless = readTransforms(entries.get('Transform'), problems).includes(SERVERLESS);
  const rules = [...(section('Rules')?.entries ?? [])].filter(([name]) => name !== BOOTSTRAP_RULE);
  return {
    parameters: section('Parameters'),
    mappings: section('Mappings'),
    conditions: section('Conditions'),
    globals: section('Globals'),
    resources: resources ?? { kind: 'map', entries: new Map(), line: root.line },
    outputs: section('Outputs'),
    isServerless,
    notCarried: rules.map(([name, { line }]) => ({
      logicalId: name,
      type: 'Rule',
      reason: 'rules about parameters are not checked',
      place: { file: problems.file, line },
    })),
  };
}

function readTransforms(node: Node | undefined, problems: ProblemList): readonly string[] {
  if (!node) return [];
  return (node.kind === 'list' ? node.items : [node]).map((item) =>
    problems.collect(() => {
      const named = item.kind === 'map' ? item.entries.get('Name') : item;
      const name = asText(named ?? item, 'Transform');
      if (!TRANSFORMS.includes(name))
        problems.add(
          item.line,
          `the transform ${name} is run by AWS alone; those that are read here are ${TRANSFORMS.join(' and ')}`,
        );
      return name;
    }, ''),
  );
}
