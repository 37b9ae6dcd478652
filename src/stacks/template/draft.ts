// A resource on its way: its properties are folded, its references are not looked up yet.

import type { MapNode } from './template-node.ts';
import type { MapValue, NotCarried, TemplateResource } from './stack-template.ts';

export interface NamedResource {
  readonly logicalId: string;
  readonly line: number;
}

export interface Draft {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: MapValue;
  readonly dependsOn: readonly NamedResource[];
  readonly deletionPolicy: TemplateResource['deletionPolicy'];
  readonly metadata: MapNode | undefined;
  readonly line: number;
  /** Its type is not carried: what is wrong in it is nobody's problem. */
  readonly isMuted: boolean;
}

/** What SAM makes of resources of its own types. */
export interface Expansion {
  readonly region: string;
  /** Logical ids that the template itself has. */
  readonly written: ReadonlySet<string>;
  readonly drafts: Draft[];
  /** Names such as `MyApi.Stage`, and what stands behind each. */
  readonly otherNames: Map<string, { readonly logicalId: string; readonly attribute?: string }>;
  readonly notCarried: NotCarried[];
  readonly notNeeded: NotCarried[];
}
