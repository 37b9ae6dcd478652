// Mapping templates in the input of operations.

import { limit } from '../../../settings/limits.ts';
import { badRequest } from './find.ts';

/** Throws BadRequestException for a template that is larger than one may be. */
export function checkTemplates(member: string, templates: Readonly<Record<string, string>> | undefined): void {
  const max = limit('templateBytesMax');
  for (const [key, template] of Object.entries(templates ?? {})) {
    const bytes = Buffer.byteLength(template);
    if (bytes > max) throw badRequest(`${member} '${key}' has ${bytes} bytes, at most ${max} are allowed.`);
  }
}
