// Selection expressions in the input of operations: one that does not parse is refused, since it would select nothing.

import { parseSelectionExpression, type VariableSet } from '../../../protocol/selection-expression.ts';
import { badRequest } from './find.ts';

/** Throws BadRequestException for an expression that does not parse. One that is not given is none. */
export function checkExpression(member: string, expression: string | undefined, variables?: VariableSet): void {
  if (expression === undefined) return;
  const parsed = parseSelectionExpression(expression, variables);
  if ('problem' in parsed) throw badRequest(`Invalid ${member}: ${parsed.problem}.`);
}
