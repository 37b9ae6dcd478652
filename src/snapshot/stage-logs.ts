// What a stage writes down: its access log, ready to be filled, and at which level each of its routes is told of in the execution log.

import type { RouteSettings, Stage } from '../model/api.ts';
import { logDestinationOf, type LogDestination } from '../model/log-destination.ts';
import { parseLogFormat, type LogFormat } from '../protocol/log-format.ts';

export interface StageLogs {
  readonly access: AccessLogEntry | undefined;
  readonly execution: ExecutionLogEntry | undefined;
}

export interface AccessLogEntry {
  readonly destination: LogDestination;
  readonly format: LogFormat;
}

/** Undefined where all of it is OFF. */
export interface ExecutionLogEntry {
  readonly default: RouteLogging | undefined;
  /** Routes with settings of their own, by key; undefined where those say OFF. */
  readonly routes: ReadonlyMap<string, RouteLogging | undefined>;
}

export interface RouteLogging {
  /** `ERROR`: what failed; `INFO`: everything. */
  readonly level: 'ERROR' | 'INFO';
  /** Headers and bodies, too. */
  readonly isTraced: boolean;
}

/** Undefined for a stage that logs nothing. */
export function compileStageLogs(stage: Pick<Stage, LoggingMember>): StageLogs | undefined {
  const access = compileAccessLog(stage);
  const execution = compileExecutionLog(stage);
  return access || execution ? { access, execution } : undefined;
}

type LoggingMember = 'accessLogSettings' | 'defaultRouteSettings' | 'routeSettings';

function compileAccessLog({ accessLogSettings }: Pick<Stage, LoggingMember>): AccessLogEntry | undefined {
  const destination = accessLogSettings && logDestinationOf(accessLogSettings.destinationArn);
  return destination && { destination, format: parseLogFormat(accessLogSettings.format) };
}

function compileExecutionLog({
  defaultRouteSettings,
  routeSettings,
}: Pick<Stage, LoggingMember>): ExecutionLogEntry | undefined {
  const ofAll = routeLogging(defaultRouteSettings);
  const routes = new Map(
    Object.entries(routeSettings)
      .filter(([, one]) => one.loggingLevel !== undefined || one.dataTraceEnabled !== undefined)
      .map(([routeKey, one]) => [routeKey, routeLogging({ ...defaultRouteSettings, ...one })]),
  );
  const isAny = ofAll !== undefined || [...routes.values()].some((one) => one !== undefined);
  return isAny ? { default: ofAll, routes } : undefined;
}

function routeLogging({ loggingLevel = 'OFF', dataTraceEnabled = false }: RouteSettings): RouteLogging | undefined {
  return loggingLevel === 'OFF' ? undefined : { level: loggingLevel, isTraced: dataTraceEnabled };
}

/** Of a message that no route took, and of a callback: what the stage says of all routes. */
export function routeLoggingOf(
  { default: ofAll, routes }: ExecutionLogEntry,
  routeKey: string | undefined,
): RouteLogging | undefined {
  return routeKey !== undefined && routes.has(routeKey) ? routes.get(routeKey) : ofAll;
}
