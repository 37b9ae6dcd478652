// Where the code of a worker thread lies: beside its caller, as source in a clone and compiled in the published package.

export function threadFile(callerUrl: string, name: string): URL {
  return new URL(`./${name}${callerUrl.endsWith('.ts') ? '.ts' : '.js'}`, callerUrl);
}
