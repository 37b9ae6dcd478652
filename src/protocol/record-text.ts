// The quoted strings of TXT and CAA values, as Route 53 writes them: `"a" "b\040c"`.

const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** The strings of a value, unquoted and with escapes resolved; undefined when something lies outside quotes. */
export function quotedStrings(value: string): string[] | undefined {
  if (value.replace(QUOTED, '').trim() !== '') return undefined;
  return [...value.matchAll(QUOTED)].map(([quoted]) =>
    quoted
      .slice(1, -1)
      .replace(/\\([0-7]{3}|.)/g, (_, escape: string) =>
        escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : escape,
      ),
  );
}
