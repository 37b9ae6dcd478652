// What is wrong with a template: collected while it is read, so that its author sees all of it at once.

import { limit } from '../../settings/limits.ts';
import { TemplateProblems, type TemplateProblem } from './stack-template.ts';

/** Something of the template that cannot be. The message is a phrase without a full stop, and holds no value of a parameter. */
export class ProblemAt extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** A ProblemAt behind which nothing more is read: what the template costs is at its bound. */
export class FatalProblem extends ProblemAt {}

export class ProblemList {
  readonly file: string;
  /** In a resource that nothing is made for nobody needs to mend anything. */
  isMuted = false;
  readonly #found = new Map<string, TemplateProblem>();

  constructor(file: string) {
    this.file = file;
  }

  add(line: number, message: string): void {
    if (!this.isMuted) this.#found.set(`${line}:${message}`, { place: { file: this.file, line }, message });
  }

  /** What `read` gives, or `instead` once its problem is noted. */
  collect<T>(read: () => T, instead: T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ProblemAt) || error instanceof FatalProblem) throw error;
      this.add(error.line, error.message);
      return instead;
    }
  }

  /** What is thrown when `error` ended the reading: all problems, with this one. What no template can cause stays as it is. */
  including(error: unknown): unknown {
    this.isMuted = false;
    if (error instanceof ProblemAt) this.add(error.line, error.message);
    // The stack of the reader is at its end.
    else if (error instanceof RangeError)
      this.add(1, 'expressions of the template ask for each other in too long a row');
    else return error;
    return new TemplateProblems(this.#told());
  }

  throwIfAny(): void {
    if (this.#found.size > 0) throw new TemplateProblems(this.#told());
  }

  #told(): readonly TemplateProblem[] {
    const all = [...this.#found.values()].sort((a, b) => a.place.line - b.place.line);
    const shown = all.slice(0, limit('stackTemplateProblemsMax'));
    const rest = all.length - shown.length;
    if (rest > 0) shown.push({ place: shown.at(-1)!.place, message: `… and ${rest} more problems behind this one` });
    return shown;
  }
}
