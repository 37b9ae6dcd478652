// SAM: each resource of an AWS::Serverless type becomes the resources that the transform of AWS makes of it, under the same logical ids.
// Types that are not in the table stay as they are, for whoever makes resources to say so by name.

import type { Draft, Expansion } from '../draft.ts';
import type { ProblemList } from '../problem-list.ts';
import type { Sections } from '../sections.ts';
import { expandFunction } from './serverless-function.ts';
import { expandSimpleTable } from './simple-table.ts';
import { expandWebSocketApi } from './web-socket-api.ts';

const PREFIX = 'AWS::Serverless::';

const EXPANSIONS: ReadonlyMap<string, (draft: Draft, into: Expansion, problems: ProblemList) => void> = new Map([
  [`${PREFIX}Function`, expandFunction],
  [`${PREFIX}SimpleTable`, expandSimpleTable],
  [`${PREFIX}WebSocketApi`, expandWebSocketApi],
]);

/** Whether resources are made of the type; the others of SAM are not carried. */
export function isExpanded(type: string): boolean {
  return EXPANSIONS.has(type);
}

export function expandServerless(
  drafts: readonly Draft[],
  sections: Sections,
  region: string,
  problems: ProblemList,
): Expansion {
  const expansion: Expansion = {
    region,
    written: new Set(drafts.map(({ logicalId }) => logicalId)),
    drafts: [],
    otherNames: new Map(),
    notCarried: [],
    notNeeded: [],
  };
  for (const draft of drafts) {
    const expand = EXPANSIONS.get(draft.type);
    if (expand && !sections.isServerless)
      problems.add(
        draft.line,
        `${draft.type} needs the line 'Transform: AWS::Serverless-2016-10-31' at the top of the template`,
      );
    if (expand) problems.collect(() => expand(draft, expansion, problems), undefined);
    else expansion.drafts.push(draft);
  }
  refuseTwins(expansion.drafts, problems);
  return expansion;
}

function refuseTwins(drafts: readonly Draft[], problems: ProblemList): void {
  const lines = new Map<string, number>();
  for (const { logicalId, line } of drafts) {
    const other = lines.get(logicalId);
    if (other !== undefined)
      problems.add(line, `SAM makes a resource '${logicalId}' of this, and there is one of that name at line ${other}`);
    lines.set(logicalId, line);
  }
}
