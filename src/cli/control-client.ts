// How commands ask a running gateway: signed requests to its control port, as the service `sallyport`.

import { signRequest } from '../protocol/sigv4.ts';

/** A gateway that does not answer, or refuses; the message is one line. */
export class ControlProblem extends Error {}

export interface ControlOptions {
  readonly endpoint: string;
}

export const ENDPOINT_DEFAULT = 'http://127.0.0.1:4566';

/** Asks for a page of the operator's surface, or for an act. Credentials are AWS's variables, or test/test. */
export async function askControl(
  options: ControlOptions,
  target: string,
  method: 'GET' | 'POST' = 'GET',
): Promise<unknown> {
  if (!URL.canParse(options.endpoint))
    throw new ControlProblem(`--endpoint ${options.endpoint} is not a URL, like ${ENDPOINT_DEFAULT}.`);
  const { host } = new URL(options.endpoint);
  const credentials = {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
    secret: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  };
  const scope = { region: process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1', service: 'sallyport' };
  const headers = signRequest({ method, target, host, body: new Uint8Array() }, credentials, scope, Date.now());
  let response: Response;
  try {
    response = await fetch(new URL(target, options.endpoint), { method, headers });
  } catch (error) {
    const { cause } = error as { cause?: Error };
    throw new ControlProblem(
      `no gateway answers at ${options.endpoint} (${cause?.message ?? String(error)}). Start one, or give --endpoint.`,
    );
  }
  const body = (await response.json().catch(() => ({}))) as { message?: string };
  if (!response.ok) throw new ControlProblem(`${options.endpoint} answered ${response.status}: ${body.message ?? ''}`);
  return body;
}
