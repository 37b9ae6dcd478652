// How requests name a Lambda function: by name, by a part of its ARN, or by all of it; each perhaps with a version or alias.

export interface FunctionName {
  /** Undefined where the form does not say. */
  readonly region: string | undefined;
  readonly account: string | undefined;
  /** `''` for what names no function. */
  readonly name: string;
  readonly qualifier: string | undefined;
}

const FORM =
  /^(?:arn:aws[\w-]*:lambda:)?(?:(?<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[\w-]{1,64})(?::(?<qualifier>\$LATEST|[\w-]{1,128}))?$/;

export function parseFunctionName(given: string): FunctionName {
  const { region, account, name = '', qualifier } = FORM.exec(given)?.groups ?? {};
  return { region, account, name, qualifier };
}
