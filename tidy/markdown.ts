// Reads what the rules need out of a markdown page: headings and their anchors, links, and the first column of
// tables. Fenced code counts for nothing.

interface Heading {
  level: number;
  text: string;
  line: number;
}

interface Link {
  target: string;
  line: number;
}

const INLINE_LINK = /\]\(\s*(<[^>\n]*>|[^\s()<]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+(?:"[^"]*"|'[^']*'|\([^)]*\)))?\s*\)/g;
const DEFINITION = /^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]*(\S+)/gm;
const HTML_LINK = /<[a-z][^>]*?\s(?:href|src)\s*=\s*["']([^"']*)["']/gi;

export function headings(markdown: string): Heading[] {
  return prose(markdown).flatMap((text, at) => {
    const match = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/.exec(text);
    return match ? [{ level: match[1]?.length ?? 0, text: match[2] ?? '', line: at + 1 }] : [];
  });
}

/** The anchors of a page as GitHub makes them: a slug for each heading, numbered when repeated, and HTML ids. */
export function anchors(markdown: string): Set<string> {
  const found = new Set<string>();
  const times = new Map<string, number>();
  for (const { text } of headings(markdown)) {
    const slug = slugOf(text);
    const earlier = times.get(slug) ?? 0;
    times.set(slug, earlier + 1);
    found.add(earlier === 0 ? slug : `${slug}-${earlier}`);
  }
  const ids = withoutCode(prose(markdown)).matchAll(/<[a-z][^>]*?\s(?:id|name)\s*=\s*["']([^"']+)["']/gi);
  for (const [, id = ''] of ids) found.add(id);
  return found;
}

export function links(markdown: string): Link[] {
  const text = withoutCode(prose(markdown));
  return [INLINE_LINK, DEFINITION, HTML_LINK]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map((match) => ({
      target: (match[1] ?? '').replace(/^<(.*)>$/, '$1'),
      line: text.slice(0, match.index + match[0].lastIndexOf(match[1] ?? '')).split('\n').length,
    }))
    .sort((a, b) => a.line - b.line);
}

/**
 * The names in backticks that open the rows of the page's tables. A table without a single such name is about
 * something else and is left out; in any other table a row without one has the name ''.
 */
export function tableNames(markdown: string): { name: string; line: number }[] {
  const lines = prose(markdown);
  return lines.flatMap((line, at) => {
    const isHead = line.startsWith('|') && /^\|\s*:?-+:?\s*(?:\||$)/.test(lines[at + 1] ?? '');
    if (!isHead) return [];
    const rest = lines.slice(at + 2);
    const end = rest.findIndex((row) => !row.startsWith('|'));
    const rows = (end === -1 ? rest : rest.slice(0, end)).map((row, i) => ({
      name: /^\|\s*`([^`]+)`/.exec(row)?.[1]?.trim() ?? '',
      line: at + 3 + i,
    }));
    return rows.some((row) => row.name !== '') ? rows : [];
  });
}

/** The lines of a page, with fenced code and HTML comments emptied. */
function prose(markdown: string): string[] {
  const text = markdown.replaceAll('\r', '').replace(/<!--[^]*?-->/g, (comment) => comment.replace(/[^\n]/g, ''));
  let fence = '';
  return text.split('\n').map((line) => {
    const mark = /^\s*(?:[-*+>]\s+|\d+[.)]\s+)*(`{3,}|~{3,})(.*)$/.exec(line);
    if (fence === '') {
      fence = mark?.[1] ?? '';
      return fence === '' ? line : '';
    }
    if (mark?.[1]?.startsWith(fence) && mark[2]?.trim() === '') fence = '';
    return '';
  });
}

function withoutCode(lines: readonly string[]): string {
  return lines.join('\n').replace(/(?<!`)(`+)(?!`)([^]*?[^`])\1(?!`)/g, (code) => code.replace(/[^\n]/g, ' '));
}

function slugOf(heading: string): string {
  const text = heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split('`')
    .map((part, at) => (at % 2 === 1 ? part : part.replace(/<[^>]*>/g, '').replace(/(^|\W)_([^_]+)_(?=\W|$)/g, '$1$2')))
    .join('');
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
