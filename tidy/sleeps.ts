// Finds code that only waits for time to pass: a promise that a timer resolves. A timer that limits a wait is no sleep:
// it rejects, or it is cleared when the event comes.

import type { Token } from './tokens.ts';

interface Sleep {
  line: number;
  message: string;
}

export function findSleeps(tokens: readonly Token[]): Sleep[] {
  const timers = new Set<number>();
  tokens.forEach((token, at) => {
    if (token.text === 'new' && tokens[at + 1]?.text === 'Promise') {
      for (const timer of timersIn(tokens, at + 2)) timers.add(timer);
    }
    if (token.text !== 'setTimeout') return;
    const isArgument = tokens[at - 1]?.text === '(' && tokens[at - 2]?.text === 'promisify';
    const resolves = tokens[at + 1]?.text === '(' && tokens[at + 2]?.text === 'resolve' && tokens[at + 3]?.text === ',';
    if (isArgument || resolves) timers.add(at);
  });
  return [...timers]
    .sort((a, b) => a - b)
    .map((at) => ({ line: tokens[at]?.line ?? 1, message: 'setTimeout as a sleep; wait for an event' }));
}

/** The `setTimeout` calls that resolve the promise whose executor opens at or after `start`. */
function timersIn(tokens: readonly Token[], start: number): number[] {
  const open = tokens.findIndex((token, at) => at >= start && token.text === '(');
  const end = closing(tokens, open);
  const body = tokens.slice(open, end);
  const resolve = body.find((token) => token.kind === 'word' && token.text !== 'async' && token.text !== 'function');
  if (open === -1 || !resolve || body.some((token) => token.text === 'clearTimeout')) return [];
  return body.flatMap((token, offset) => {
    const at = open + offset;
    if (token.text !== 'setTimeout' || tokens[at + 1]?.text !== '(') return [];
    return firstArgument(tokens, at + 1).some((part) => part.text === resolve.text) ? [at] : [];
  });
}

function firstArgument(tokens: readonly Token[], open: number): Token[] {
  const inside = tokens.slice(open + 1, closing(tokens, open));
  let depth = 0;
  const end = inside.findIndex((token) => {
    depth += depthChange(token);
    return depth === 0 && token.kind === 'punct' && token.text === ',';
  });
  return end === -1 ? inside : inside.slice(0, end);
}

/** The index of the bracket that closes the one at `open`, or the end of the file. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  const end = tokens.findIndex((token, at) => {
    if (at < open) return false;
    depth += depthChange(token);
    return depth === 0;
  });
  return end === -1 ? tokens.length : end;
}

function depthChange(token: Token): number {
  if (token.kind !== 'punct') return 0;
  if (['{', '(', '['].includes(token.text)) return 1;
  return ['}', ')', ']'].includes(token.text) ? -1 : 0;
}
