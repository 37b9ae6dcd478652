// The status that the rendered request template of a MOCK integration asks for (websocket-apis 3.9).

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
