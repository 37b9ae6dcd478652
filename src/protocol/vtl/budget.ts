// What one template may cost, and the one way a template fails. Templates are written by users and fed by strangers, and they run
// on the event loop that carries every socket: each thing that can grow or go on is counted here. The numbers are those of
// settings/limits.ts, which this room may not import; test/contracts/template-budget.test.ts holds them together.

export interface TemplateBudget {
  /** The text of a template. */
  readonly templateBytesMax: number;
  /** Blocks within blocks and brackets within brackets, in the text of a template. */
  readonly nestingMax: number;
  /** Operators of one expression, which would otherwise nest without brackets. */
  readonly operatorsMax: number;
  /** Units of work: one for each node that is walked, and more for work that grows with what it works on. */
  readonly stepsMax: number;
  /** Macros, definitions and blocks that are open at one time while a template renders. */
  readonly depthMax: number;
  readonly iterationsMax: number;
  readonly outputCharactersMax: number;
  readonly stringCharactersMax: number;
  /** Levels of lists and maps within each other, in the values that a template makes or looks into. */
  readonly valueLevelsMax: number;
  readonly timeMs: number;
}

export const TEMPLATE_BUDGET: TemplateBudget = {
  templateBytesMax: 307_200,
  nestingMax: 64,
  operatorsMax: 256,
  stepsMax: 1_000_000,
  depthMax: 400,
  iterationsMax: 1_000,
  outputCharactersMax: 1_048_576,
  stringCharactersMax: 1_048_576,
  valueLevelsMax: 64,
  timeMs: 500,
};

/** Why a template was not parsed or not rendered. It ends this one template; parseTemplate and renderTemplate return its message. */
export class TemplateProblem extends Error {}
