// What a template is once it has been read: resources in an order in which they can be made, with the expressions that only existing
// resources can answer. The face of this folder; it knows files and no gateway.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where in the user's files something stands. `file` is as the user gave it; lines count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * JSON in which what depends on resources is still an expression. Conditions, parameters, mappings and everything else that the file
 * alone decides are gone, and so are members that are AWS::NoValue. `evaluate` makes JSON of it.
 */
export type Value = Scalar | ListValue | MapValue | Expression;

export interface Scalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it is written: `1.0` and `yes` stay themselves where they become part of a text. */
  readonly text: string;
  readonly line: number;
}

export interface ListValue {
  readonly kind: 'list';
  readonly items: readonly Value[];
  readonly line: number;
}

export interface MapValue {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Value>;
  readonly line: number;
}

export type Expression =
  | { readonly kind: 'ref'; readonly logicalId: string; readonly line: number }
  | { readonly kind: 'attribute'; readonly logicalId: string; readonly name: string; readonly line: number }
  | { readonly kind: 'join'; readonly delimiter: string; readonly items: Value; readonly line: number }
  | { readonly kind: 'select'; readonly index: number; readonly items: Value; readonly line: number }
  | { readonly kind: 'split'; readonly delimiter: string; readonly text: Value; readonly line: number }
  | { readonly kind: 'base64'; readonly text: Value; readonly line: number }
  | { readonly kind: 'length'; readonly items: Value; readonly line: number }
  | { readonly kind: 'json'; readonly of: Value; readonly line: number };

export interface TemplateResource {
  readonly logicalId: string;
  /** 'AWS::ApiGatewayV2::Api', 'AWS::Lambda::Function' …; SAM's are expanded into these. Unknown ones are kept. */
  readonly type: string;
  /** Code of an AWS::Lambda::Function is `{Directory: <absolute path>}` where the template names one of this machine. */
  readonly properties: MapValue;
  /** Explicit ones and those that Ref, GetAtt and Sub imply; all of them are in the template and none is left out by a condition. */
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: 'Delete' | 'Retain';
  readonly place: Place;
}

export interface TemplateOutput {
  readonly name: string;
  readonly description?: string | undefined;
  readonly value: Value;
  readonly place: Place;
}

/** Something of the template that nothing is made for. `type` is the resource's, or a part of it: `AWS::Serverless::Function Events.Nightly`. */
export interface NotCarried {
  readonly logicalId: string;
  readonly type: string;
  readonly reason: string;
  readonly place: Place;
}

export interface StackTemplate {
  /** Each comes after what it depends on; else in the order of the file. */
  readonly resources: readonly TemplateResource[];
  readonly outputs: readonly TemplateOutput[];
  /** Parts of resources that are left out: events of a function that no local gateway sends. */
  readonly notCarried: readonly NotCarried[];
  /** Parts that need nothing here, as policies and roles of local functions. */
  readonly notNeeded: readonly NotCarried[];
  /** All files that were read: what a watcher looks at. */
  readonly files: readonly string[];
}

export interface ReadOptions {
  readonly stackName: string;
  /** By name, as given on the command line: `--parameter Name=value`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What Fn::ImportValue gets, by export name: `--import Name=value`. */
  readonly imports?: Readonly<Record<string, string>>;
  readonly account: string;
  readonly region: string;
  readonly urlSuffix: string;
  /** Problems inside a resource whose type is not carried stop nobody. All types are carried where this is left out. */
  readonly isCarried?: (type: string) => boolean;
}

export interface TemplateProblem {
  readonly place: Place;
  /** A sentence without a full stop. Holds no value of a parameter. */
  readonly message: string;
}

/** All problems of the files at once, each one line: `template.yaml:12: …`. */
export class TemplateProblems extends Error {
  readonly problems: readonly TemplateProblem[];

  constructor(problems: readonly TemplateProblem[]) {
    super(problems.map(({ place: { file, line }, message }) => `${file}:${line}: ${message}`).join('\n'));
    this.problems = problems;
  }
}

/** What resources that exist say of themselves. Both throw where they do not know. */
export interface KnownResources {
  ref(logicalId: string): string;
  attribute(logicalId: string, name: string): string | readonly string[];
}
