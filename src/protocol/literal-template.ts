// Mapping templates that hold no reference and no directive: they render to themselves. The template language of API Gateway
// (VTL) is not here; a template that uses it is refused by name, never rendered wrongly.

const REFERENCE = /\$!?\{?[A-Za-z]/;
const DIRECTIVE = /#(?:\{?[a-z]+\}?|\*|#|@|\[\[)/;

/** What a template uses that is not literal text, as the words to name it; undefined for a literal template. */
export function templateLanguageIn(template: string): string | undefined {
  const found = REFERENCE.exec(template) ?? DIRECTIVE.exec(template);
  return found === null ? undefined : template.slice(found.index, found.index + 24).split('\n')[0];
}

/** The `statusCode` of a MOCK request template (`{"statusCode": 200}`, unquoted key tolerated); undefined when there is none. */
export function mockStatusCode(rendered: string): number | undefined {
  const document = parse(rendered) ?? parse(rendered.replace(/([{,]\s*)([A-Za-z_]\w*)(\s*:)/g, '$1"$2"$3'));
  const status = (document as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' && Number.isInteger(status) ? status : undefined;
}

function parse(text: string): object | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null ? document : undefined;
  } catch {
    // Not JSON: there is no status, which the caller turns into AWS's configuration error.
    return undefined;
  }
}
