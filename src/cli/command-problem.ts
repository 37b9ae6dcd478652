// What a command says on one line when it cannot do what it was asked.

/** The message is one line that names the thing and the next step. */
export class CommandProblem extends Error {}
