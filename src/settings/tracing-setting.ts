// What `--otlp-endpoint` and the standard variables of OpenTelemetry say, once they are read.

export interface TracingSetting {
  /** Where requests go, path and all. */
  readonly url: string;
  /** Secrets may be among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly isCompressed: boolean;
  /** Certificates that the collector is trusted by, besides the public ones (a PEM file). */
  readonly caFile: string | undefined;
  readonly sampler: Sampler;
  /** What every span is of: `service.name` is among them. */
  readonly resource: Readonly<Record<string, string>>;
}

export interface Sampler {
  /** Whether what the caller decided counts. */
  readonly isParentBased: boolean;
  /** The part of all others, from 0 to 1. */
  readonly ratio: number;
}
