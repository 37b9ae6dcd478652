// The methods of java.lang.String that a template may call, with Java's rules. A name that is not in the table does not exist.
// What Java refuses with an exception is a problem of the template.

import { findText, findTextFromEnd } from '../find-text.ts';
import { TemplateProblem } from './budget.ts';
import { isJavaEqual } from './compare.ts';
import { matchesWhole, replace, split } from './regex.ts';
import { show } from './show.ts';
import { isNumber, List, numberIn, type Value, type Work } from './values.ts';

export type Method<Self> = (self: Self, values: readonly Value[], work: Work) => Value;
export type Methods<Self> = Readonly<Record<string, Method<Self>>>;

export const STRING_METHODS: Methods<string> = {
  length: (self) => self.length,
  isEmpty: (self) => self === '',
  isBlank: (self) => self.trim() === '',
  toString: (self: string) => self,
  trim: (self) => javaTrim(self),
  strip: (self) => self.trim(),
  toLowerCase: (self, _, work) => work.made(self.toLowerCase()),
  toUpperCase: (self, _, work) => work.made(self.toUpperCase()),
  hashCode: (self, _, work) => {
    work.spend(self.length >> 4);
    let hash = 0;
    for (let index = 0; index < self.length; index += 1) hash = (Math.imul(hash, 31) + self.charCodeAt(index)) | 0;
    return hash;
  },
  charAt: (self, [at = null]) => {
    const index = wholeOf(at, 'charAt');
    return inside(self, index, 'charAt') && (self[index] ?? '');
  },
  substring: (self, [from = null, to], work) => {
    const start = wholeOf(from, 'substring');
    const end = to === undefined ? self.length : wholeOf(to, 'substring');
    if (start < 0 || end > self.length || start > end) {
      throw new TemplateProblem(`substring(${start}, ${end}) is outside a text of ${self.length} characters`);
    }
    return work.made(self.slice(start, end));
  },
  indexOf: (self, [what = null, from = 0], work) => findText(self, sought(what, work, self), wholeOf(from, 'indexOf')),
  lastIndexOf: (self, [what = null, from = self.length], work) => {
    const start = wholeOf(from, 'lastIndexOf');
    return start < 0 ? -1 : findTextFromEnd(self, sought(what, work, self), start);
  },
  contains: (self, [what = null], work) => findText(self, sought(what, work, self)) !== -1,
  startsWith: (self, [what = null, from = 0], work) =>
    self.startsWith(sought(what, work, self), wholeOf(from, 'startsWith')),
  endsWith: (self, [what = null], work) => self.endsWith(sought(what, work, self)),
  equals: (self, [other = null], work) => isJavaEqual(self, other, work),
  equalsIgnoreCase: (self, [other = null], work) =>
    typeof other === 'string' && work.made(self.toLowerCase()) === work.made(other.toLowerCase()),
  compareTo: (self, [other = null], work) => compareText(self, show(other, work)),
  compareToIgnoreCase: (self, [other = null], work) =>
    compareText(work.made(self.toLowerCase()), work.made(show(other, work).toLowerCase())),
  concat: (self, [other = null], work) => work.made(self + show(other, work)),
  repeat: (self, [times = null], work) => {
    const count = wholeOf(times, 'repeat');
    if (count < 0) throw new TemplateProblem(`repeat(${count}) is less than nothing`);
    return repeated(self, count, work);
  },
  replace: (self, [what = null, by = null], work) => replaceText(self, show(what, work), show(by, work), work),
  replaceAll: (self, [regex = null, by = null], work) => replace(self, show(regex, work), show(by, work), work),
  replaceFirst: (self, [regex = null, by = null], work) => replace(self, show(regex, work), show(by, work), work, true),
  matches: (self, [regex = null], work) => matchesWhole(self, show(regex, work), work),
  split: (self, [regex = null, limit = 0], work) =>
    new List(split(self, show(regex, work), wholeOf(limit, 'split'), work)),
  valueOf: (_: string, values: readonly Value[], work: Work) => show(values[0] ?? 'null', work),
};

/** Java's trim takes everything up to and including the space, and nothing else. */
function javaTrim(self: string): string {
  let start = 0;
  let end = self.length;
  while (start < end && self.charCodeAt(start) <= 32) start += 1;
  while (end > start && self.charCodeAt(end - 1) <= 32) end -= 1;
  return self.slice(start, end);
}

function repeated(self: string, count: number, work: Work): string {
  const characters = self.length * count;
  if (characters > work.budget.stringCharactersMax) {
    throw new TemplateProblem(
      `a text of ${characters} characters would be made, and may have ${work.budget.stringCharactersMax}`,
    );
  }
  return work.made(self.repeat(count));
}

function compareText(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = left.charCodeAt(index) - right.charCodeAt(index);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** A text to look for; looking costs what is looked through. */
function sought(value: Value, work: Work, self: string): string {
  const text = show(value, work);
  work.spend(1 + ((self.length + text.length) >> 4));
  return text;
}

function replaceText(self: string, what: string, by: string, work: Work): string {
  work.spend(1 + (self.length >> 4));
  if (what === '') return work.join(['', ...self.split(''), ''], by);
  const parts: string[] = [];
  let kept = 0;
  for (let at = findText(self, what); at !== -1; at = findText(self, what, kept)) {
    work.spend(1);
    parts.push(self.slice(kept, at));
    kept = at + what.length;
  }
  parts.push(self.slice(kept));
  return work.join(parts, by);
}

/** The whole number that a method was given. */
export function wholeOf(value: Value, method: string): number {
  if (isNumber(value)) return Math.trunc(numberIn(value)) + 0;
  throw new TemplateProblem(`${method} needs a whole number`);
}

function inside(self: string, index: number, method: string): true {
  if (index >= 0 && index < self.length) return true;
  throw new TemplateProblem(`${method}(${index}) is outside a text of ${self.length} characters`);
}
