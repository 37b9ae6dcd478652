// Whether spans are made and where they go: `--otlp-endpoint`, and the variables that every OpenTelemetry SDK reads (OTEL_…). Nothing is
// traced without an endpoint. What is set and cannot be followed is refused at the start.

import type { Sampler, TracingSetting } from './tracing-setting.ts';

/** What is set and cannot be followed; the message is one line and holds no secret. */
export class TracingProblem extends Error {}

const PATH = '/v1/traces';
const TIMEOUT_MS = 10_000;
const SERVICE_NAME = 'sallyport';
const PROTOCOL = 'http/protobuf';

/** Undefined where nothing is to be traced. `flag`: `--otlp-endpoint`. Throws TracingProblem. */
export function readTracing(flag: string | undefined, environment: NodeJS.ProcessEnv): TracingSetting | undefined {
  const variable = (name: string) => environment[name]?.trim() || undefined;
  /** Of traces alone, else of all that is told. */
  const ofTraces = (name: string) =>
    variable(`OTEL_EXPORTER_OTLP_TRACES_${name}`) ?? variable(`OTEL_EXPORTER_OTLP_${name}`);
  const url = flag === undefined ? urlOfVariables(variable) : withPath('--otlp-endpoint', flag);
  const isOff = variable('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || variable('OTEL_TRACES_EXPORTER') === 'none';
  if (url === undefined || isOff) return undefined;
  const protocol = ofTraces('PROTOCOL') ?? PROTOCOL;
  if (flag === undefined && protocol !== PROTOCOL) {
    throw new TracingProblem(
      `OTEL_EXPORTER_OTLP_PROTOCOL ${shown(protocol)}: spans are sent by ${PROTOCOL} alone; give the HTTP port of the collector (4318, as a rule) with --otlp-endpoint.`,
    );
  }
  return {
    url,
    headers: pairs('OTEL_EXPORTER_OTLP_HEADERS', ofTraces('HEADERS'), (name) => name.toLowerCase()),
    timeoutMs: numberOf('OTEL_EXPORTER_OTLP_TIMEOUT', ofTraces('TIMEOUT'), TIMEOUT_MS, Number.MAX_SAFE_INTEGER),
    isCompressed: ofTraces('COMPRESSION') === 'gzip',
    caFile: ofTraces('CERTIFICATE'),
    sampler: samplerOf(variable('OTEL_TRACES_SAMPLER'), variable('OTEL_TRACES_SAMPLER_ARG')),
    resource: {
      'service.name': SERVICE_NAME,
      ...pairs('OTEL_RESOURCE_ATTRIBUTES', variable('OTEL_RESOURCE_ATTRIBUTES')),
      ...(variable('OTEL_SERVICE_NAME') && { 'service.name': variable('OTEL_SERVICE_NAME')! }),
    },
  };
}

function urlOfVariables(variable: (name: string) => string | undefined): string | undefined {
  const [whole, base] = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
  const exact = variable(whole);
  if (exact !== undefined) return checked(whole, exact).href;
  const given = variable(base);
  return given === undefined ? undefined : withPath(base, given);
}

/** Behind the path of a base URL comes that of traces, as in every SDK; a whole one is left as it is. */
function withPath(name: string, text: string): string {
  const url = checked(name, text);
  if (!url.pathname.endsWith(PATH)) url.pathname = `${url.pathname.replace(/\/$/, '')}${PATH}`;
  return url.href;
}

/** A password does not belong there, and what may be one is not repeated. */
function checked(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url !== undefined && ['http:', 'https:'].includes(url.protocol);
  if (isHttp && url.username === '' && url.password === '') return url;
  const where = 'for example http://127.0.0.1:4318; what opens it goes into OTEL_EXPORTER_OTLP_HEADERS';
  throw new TracingProblem(`${name}: expected a URL of http or https without a user in it, ${where}.`);
}

/** `name=value,name=value`, values as in URLs. No value is repeated: it may be a secret. */
function pairs(name: string, text = '', spell = (key: string) => key): Record<string, string> {
  const entries = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const key = part.slice(0, Math.max(at, 0)).trim();
      const value = decoded(part.slice(at + 1).trim());
      if (/^[\w.\-/]+$/.test(key) && value !== undefined && /^[^\r\n\0]*$/.test(value))
        return [spell(key), value] as const;
      throw new TracingProblem(`${name}: expected NAME=VALUE with commas between, values spelled as in URLs.`);
    });
  return Object.fromEntries(entries);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // No text in UTF-8.
    return undefined;
  }
}

const SAMPLERS: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => ({ isParentBased: false, ratio: 1 }),
  always_off: () => ({ isParentBased: false, ratio: 0 }),
  traceidratio: (ratio) => ({ isParentBased: false, ratio }),
  parentbased_always_on: () => ({ isParentBased: true, ratio: 1 }),
  parentbased_always_off: () => ({ isParentBased: true, ratio: 0 }),
  parentbased_traceidratio: (ratio) => ({ isParentBased: true, ratio }),
};

function samplerOf(name = 'parentbased_always_on', argument: string | undefined): Sampler {
  const make = Object.hasOwn(SAMPLERS, name) ? SAMPLERS[name] : undefined;
  if (make) return make(numberOf('OTEL_TRACES_SAMPLER_ARG', argument, 1, 1));
  throw new TracingProblem(`OTEL_TRACES_SAMPLER ${shown(name)}: expected one of ${Object.keys(SAMPLERS).join(', ')}.`);
}

function numberOf(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^[\d.]+$/.test(text) && value <= max) return value;
  throw new TracingProblem(`${name} ${shown(text)}: expected a number from 0${max === 1 ? ' to 1' : ''}.`);
}

const shown = (text: string) => `'${text.slice(0, 64)}'`;
