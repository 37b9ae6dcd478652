// A request whose bytes are not what the operation's shape says. Each protocol words it as the fault of its service.

export class InputProblem extends Error {}

/** One outside of the body, in the path or the query: the rest of the request is what it should be. */
export class BindingProblem extends InputProblem {}
