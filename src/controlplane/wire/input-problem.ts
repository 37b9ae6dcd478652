// A request whose bytes are not what the operation's shape says. Each protocol words it as the fault of its service.

export class InputProblem extends Error {}
