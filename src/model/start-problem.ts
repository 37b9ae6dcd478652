// Why the gateway cannot start. Whichever room finds it throws one of these; the command line prints it and nothing else.

/** The message is one line that names the thing and the way out, and holds no secret. */
export class StartProblem extends Error {}
