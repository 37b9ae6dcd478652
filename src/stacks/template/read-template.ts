// The way in: a file of CloudFormation, SAM or CDK becomes resources in the order in which they can be made. file → tree → parameters and
// conditions → folded resources → SAM's expanded → code of functions found → names looked up → order.

import { openTemplate, type TemplateFile } from './template-file.ts';
import { Conditions } from './conditions.ts';
import type { Expansion } from './draft.ts';
import { fold } from './fold.ts';
import { Produced, type FoldScope } from './fold-scope.ts';
import type { Draft } from './draft.ts';
import { withLocalCode } from './function-code.ts';
import { withoutLoops } from './loops.ts';
import { readMappings } from './mappings.ts';
import { readParameters } from './parameters.ts';
import { ProblemAt, ProblemList } from './problem-list.ts';
import { pseudoParameters } from './pseudo-parameters.ts';
import { orderResources, ResourceNames } from './resource-order.ts';
import { readResources, type ResourceSection } from './resource-section.ts';
import { expandServerless, isExpanded } from './sam/expand-serverless.ts';
import { readGlobals } from './sam/globals.ts';
import { readSections, type Sections } from './sections.ts';
import type { ReadOptions, StackTemplate, TemplateOutput } from './stack-template.ts';
import { asMap, asText } from './template-node.ts';

/**
 * Reads a template, or the `cdk.out` directory that `cdk synth` leaves. Throws TemplateProblems with all that is wrong, and nothing
 * else that a template can cause.
 */
export function readTemplate(path: string, options: ReadOptions): StackTemplate {
  return readFile(path, options.stackName, (file) => read(file, options, file.problems));
}

/** Throws TemplateProblems with what is wrong whatever the account, the region and the parameters are: what is no template at all. */
export function checkTemplateFile(path: string, stackName: string): void {
  readFile(path, stackName, ({ root, problems }) => readSections(root, problems));
}

function readFile<T>(path: string, stackName: string, use: (file: TemplateFile) => T): T {
  let problems = new ProblemList(path);
  try {
    const file = openTemplate(path, stackName, problems);
    problems = file.problems;
    const made = use(file);
    problems.throwIfAny();
    return made;
  } catch (error) {
    throw problems.including(error);
  }
}

function read(file: TemplateFile, options: ReadOptions, problems: ProblemList): StackTemplate {
  const written = readSections(file.root, problems);
  const parameters = readParameters(written.parameters, options.parameters, problems);
  const scope: FoldScope = {
    named: new Map([...pseudoParameters(options), ...parameters.values]),
    mappings: readMappings(written.mappings, problems),
    imports: options.imports ?? {},
    region: options.region,
    produced: new Produced(),
    problems,
    condition: (name, line) => conditions.value(name, line, scope),
  };
  const sections: Sections = {
    ...written,
    conditions: withoutLoops(written.conditions, scope),
    resources: withoutLoops(written.resources, scope),
    outputs: withoutLoops(written.outputs, scope),
  };
  const conditions = new Conditions(sections.conditions);
  conditions.readAll(scope);
  const globals = readGlobals(sections.globals, problems);
  const isCarried = options.isCarried ?? (() => true);
  const section = readResources(sections.resources, {
    scope,
    conditions,
    isCarried: (type) => isExpanded(type) || isCarried(type),
    withGlobals: (type, resource) => globals.merge(type, resource, problems),
  });
  const expansion = expandServerless(section.drafts, sections, options.region, problems);
  const drafts = withLocalCode(expansion.drafts, file, problems);
  return finish(file, { section, expansion, drafts, conditions, scope, sections }, [
    ...sections.notCarried,
    ...parameters.unchecked,
    ...expansion.notCarried,
  ]);
}

interface Read {
  readonly section: ResourceSection;
  readonly expansion: Expansion;
  readonly drafts: readonly Draft[];
  readonly conditions: Conditions;
  readonly scope: FoldScope;
  readonly sections: Sections;
}

function finish(file: TemplateFile, read: Read, notCarried: StackTemplate['notCarried']): StackTemplate {
  const { section, expansion, drafts, scope } = read;
  const { problems } = scope;
  const names = new ResourceNames(drafts, section.leftOut, expansion.otherNames, scope.named.keys(), problems);
  const resources = orderResources(drafts, names, problems);
  return {
    resources,
    outputs: readOutputs(read, names),
    notCarried,
    notNeeded: expansion.notNeeded,
    files: file.files,
  };
}

function readOutputs({ sections, conditions, scope }: Read, names: ResourceNames): readonly TemplateOutput[] {
  const { problems } = scope;
  return [...(sections.outputs?.entries ?? [])].flatMap(([name, node]) =>
    problems.collect((): readonly TemplateOutput[] => {
      const { entries } = asMap(node, `output '${name}'`);
      const condition = entries.get('Condition');
      if (condition && !conditions.value(asText(condition, 'Condition'), condition.line, scope)) return [];
      const valueNode = entries.get('Value');
      if (!valueNode) throw new ProblemAt(node.line, `output '${name}' has no Value`);
      const value = fold(valueNode, scope);
      if (!value) return [];
      const describing = entries.get('Description');
      const description = describing && asText(describing, 'Description');
      const place = { file: problems.file, line: node.line };
      return [{ name, description, value: names.resolve(value, () => undefined), place }];
    }, []),
  );
}
