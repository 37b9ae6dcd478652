// Headings, anchors, links and tables of markdown pages.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { anchors, headings, links, tableNames } from './markdown.ts';

const SLUGS: readonly (readonly [heading: string, slug: string])[] = [
  ['# Quick start', 'quick-start'],
  ['## The `--tls-max` flag ##', 'the---tls-max-flag'],
  ['### What it does, and does not (yet)', 'what-it-does-and-does-not-yet'],
  ['# See [the guide](docs/a.md#x)', 'see-the-guide'],
  ['# *Bold* _words_ and snake_case', 'bold-words-and-snake_case'],
  ['# Größe & Länge', 'größe--länge'],
  ['# `<name>` <a id="old"></a>', 'name-'],
];

for (const [heading, slug] of SLUGS) {
  void test(`the anchor of "${heading}" is ${slug}`, () => {
    assert.ok(anchors(heading).has(slug.replace(/-$/, '')), [...anchors(heading)].join(' '));
  });
}

void test('numbers repeated anchors, and takes ids of HTML', () => {
  assert.deepEqual([...anchors('# A\n\n## A\n\n<a id="here"></a>\n\n# A')], ['a', 'a-1', 'a-2', 'here']);
});

void test('sees no heading, link or table in fenced code or comments', () => {
  const inside = '# A\n[a](b.md)\n| a |\n|---|\n| `a` |';
  for (const page of [
    `~~~\n${inside}\n~~~`,
    `\`\`\`\`md\n\`\`\`\n${inside}\n\`\`\`\``,
    `<!-- ${inside} -->`,
    `- \`\`\`\n${inside}\n  \`\`\``,
  ]) {
    assert.deepEqual([headings(page), links(page), tableNames(page)], [[], [], []], page);
  }
});

const LINKS: readonly (readonly [markdown: string, targets: readonly string[]])[] = [
  ['[a](b.md) and ![c](d.png "title")', ['b.md', 'd.png']],
  ['[![a](b.svg)](c.md#d)', ['b.svg', 'c.md#d']],
  ['[a](<b c.md>)', ['b c.md']],
  ['[a](b_(c).md)', ['b_(c).md']],
  ['[over\nlines](b.md)', ['b.md']],
  ['[`code`](b.md)', ['b.md']],
  ['`[a](b.md)` and ``[`a`](b.md)``', []],
  ['[a][b]\n\n[b]: c.md "title"', ['c.md']],
  ['text[^1]\n\n[^1]: note.md', []],
  ['<a href="b.md">b</a> <img alt="x" src=\'c.png\'>', ['b.md', 'c.png']],
  ['[a]()', ['']],
  ['an array[0](call) looks like a link', ['call']],
];

for (const [markdown, targets] of LINKS) {
  void test(`the links of ${JSON.stringify(markdown)}`, () => {
    assert.deepEqual(
      links(markdown).map((link) => link.target),
      targets,
    );
  });
}

void test('gives the line of a link', () => {
  assert.deepEqual(
    links('a\n\n[b\nc](d.md)\n[e]: f.md').map((link) => link.line),
    [4, 5],
  );
});

void test('reads the first column of tables that have names in backticks', () => {
  const page = [
    '| a | b |',
    '|---|:-:|',
    '| plain | `x` |',
    '',
    '| name | b |',
    '| :--- | --- |',
    '| `one` | `x` |',
    '| two | |',
  ];
  assert.deepEqual(tableNames(page.join('\n')), [
    { name: 'one', line: 7 },
    { name: '', line: 8 },
  ]);
});
