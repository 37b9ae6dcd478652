// What a parsed template is made of. Plain frozen data: the reader (read-blocks.ts, read-expression.ts) makes it, render.ts and
// evaluate.ts walk it. It holds no state of a rendering, so one tree serves every message at once.

/** Text stands for itself; everything else does something. */
export type Block = readonly (string | Node)[];

export type Node =
  | Reference
  | { readonly kind: 'set'; readonly target: Reference; readonly value: Expression }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: Block | undefined }
  | { readonly kind: 'foreach'; readonly name: string; readonly over: Expression; readonly body: Block }
  | { readonly kind: 'define'; readonly name: string; readonly body: Block }
  | {
      readonly kind: 'macro-call';
      readonly name: string;
      readonly values: readonly Expression[];
      readonly body: Block | undefined;
    }
  | { readonly kind: 'break' }
  | { readonly kind: 'stop' };

interface Branch {
  readonly condition: Expression;
  readonly body: Block;
}

export interface Macro {
  readonly parameters: readonly string[];
  readonly body: Block;
}

export interface Reference {
  readonly kind: 'reference';
  readonly root: string;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly values: readonly Expression[] }
  | { readonly kind: 'index'; readonly at: Expression };

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '>' | '<=' | '>=' | '&&' | '||';

export type Expression =
  | Reference
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
  | { readonly kind: 'decimal'; readonly value: number }
  | { readonly kind: 'interpolated'; readonly block: Block }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'range'; readonly first: Expression; readonly last: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'negative'; readonly of: Expression };
