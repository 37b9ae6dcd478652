// Amazon Resource Names as this server writes and reads them.

export interface Arn {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

export function formatArn(service: string, region: string, account: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** Undefined when the text is not an ARN of six parts. */
export function parseArn(text: string): Arn | undefined {
  const parts = text.split(':');
  if (parts.length < 6 || parts[0] !== 'arn' || !parts[1]?.startsWith('aws')) return undefined;
  const [, , service, region, account] = parts as [string, string, string, string, string];
  return { service, region, account, resource: parts.slice(5).join(':') };
}

const ROLE = /^role\/(.+)$/;

/** The name of the role that an ARN names, its path with it; undefined for what names none, such as the caller (`…:user/*`). */
export function roleNameOf(arn: string | undefined): string | undefined {
  const parsed = arn === undefined ? undefined : parseArn(arn);
  return parsed?.service === 'iam' ? ROLE.exec(parsed.resource)?.[1] : undefined;
}
