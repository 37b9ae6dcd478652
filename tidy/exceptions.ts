// The files that may be longer than the ceiling. A number may only fall: when a file gets shorter, tidy asks for the
// number to be lowered, and for the line to go once the file is below the ceiling.

export interface SizeException {
  lines: number;
  reason: string;
}

/** Read by tidy/tree.ts out of the tree that is checked. @public */
export const SIZE_EXCEPTIONS: Readonly<Record<string, SizeException>> = {};
