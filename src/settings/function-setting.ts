// One function of the settings file, or of a stack, as the runner takes it.

export type FunctionRuntime = 'nodejs' | 'python' | 'command';

export interface FunctionSetting {
  readonly name: string;
  /** `src/app.handler`; of a command the path of what is executed. Relative to `taskRoot`. */
  readonly handler: string;
  /** Undefined where the handler's file says it. */
  readonly runtime: FunctionRuntime | undefined;
  /** Its own variables. Perhaps secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Whose function it is; undefined for the one account that there is. */
  readonly account: string | undefined;
  /** Whose rights it has where accounts are configured: the id of an access key of its account. Undefined for none. */
  readonly accessKey: string | undefined;
  /** Absolute: the directory of the settings file; of a stack's function that of its code. */
  readonly taskRoot: string;
  /** Of a function of a stack: the region that the stack is in. Else it is the server's. */
  readonly region?: string;
}
