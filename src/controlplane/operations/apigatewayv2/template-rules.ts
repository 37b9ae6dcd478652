// Mapping templates in the input of operations: what does not parse is refused here, where its author is, and not on the first
// message.

import { parseTemplate } from '../../../protocol/vtl/template.ts';
import { limit } from '../../../settings/limits.ts';
import { badRequest } from './find.ts';

/** Throws BadRequestException for a template that is larger than one may be, or that does not parse: the message says on which line. */
export function checkTemplates(member: string, templates: Readonly<Record<string, string>> | undefined): void {
  const max = limit('templateBytesMax');
  for (const [key, template] of Object.entries(templates ?? {})) {
    const bytes = Buffer.byteLength(template);
    if (bytes > max) throw badRequest(`${member} '${key}' has ${bytes} bytes, at most ${max} are allowed.`);
    const parsed = parseTemplate(template);
    if ('problem' in parsed) throw badRequest(`${member} '${key}' is not a mapping template: ${parsed.problem}.`);
  }
}
