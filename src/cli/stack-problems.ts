// Problems of the room of stacks as those of a command: a line, or one for each thing that is wrong.

import { ApplyProblem } from '../stacks/apply.ts';
import { UnreachableProblem } from '../stacks/gateway-client.ts';
import { NoStackProblem } from '../stacks/take-down.ts';
import { TemplateProblems } from '../stacks/template/stack-template.ts';
import { OperationProblem } from '../stacks/wire-call.ts';
import { CommandProblem } from './command-problem.ts';

export async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw worded(error);
  }
}

function worded(error: unknown): unknown {
  if (error instanceof TemplateProblems || error instanceof UnreachableProblem || error instanceof NoStackProblem)
    return new CommandProblem(error.message);
  if (error instanceof OperationProblem)
    return new CommandProblem(`the gateway refuses (${error.code}): ${error.message}`);
  if (!(error instanceof ApplyProblem)) return error;
  const { resource, left, message } = error;
  const at = resource
    ? `${resource.place.file}:${resource.place.line}: ${resource.logicalId} (${resource.type}): `
    : '';
  const end =
    left.length === 0
      ? 'what was done is taken back'
      : `what was done could not be taken back whole; left: ${left.join(', ')}. Run up or down again`;
  return new CommandProblem(`${at}${message}\n${end}`);
}
