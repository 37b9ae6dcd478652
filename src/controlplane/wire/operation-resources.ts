// Under which action and on which resources an operation is allowed or not: AWS's, as each service documents them. What they are made of is
// the decoded input, never the bytes of the path: an id that is spelled in another way is the same resource. docs/policies.md is
// generated from here.

import { formatArn, parseArn } from '../../model/arn.ts';
import { parseFunctionName } from '../../model/function-name.ts';
import { SERVICES, type ServiceName } from '../../protocol/wire/model.ts';

export interface OperationAction {
  readonly action: string;
  /** The forms of the resources, with members of the input in braces. */
  readonly resources: readonly string[];
}

export interface Place {
  readonly region: string;
  readonly account: string;
}

/** No resource of its own: policies name all, `*`. */
const ANY = '*';
const CERTIFICATE = '{CertificateArn}';
const ZONE = 'hostedzone/{HostedZoneId}';
const ZONE_BY_ID = 'hostedzone/{Id}';

const ACM: Readonly<Record<string, string>> = {
  AddTagsToCertificate: CERTIFICATE,
  DeleteCertificate: CERTIFICATE,
  DescribeCertificate: CERTIFICATE,
  ExportCertificate: CERTIFICATE,
  GetAccountConfiguration: ANY,
  GetCertificate: CERTIFICATE,
  ImportCertificate: CERTIFICATE,
  ListCertificateDomainValidations: CERTIFICATE,
  ListCertificates: ANY,
  ListTagsForCertificate: CERTIFICATE,
  PutAccountConfiguration: ANY,
  RemoveTagsFromCertificate: CERTIFICATE,
  RenewCertificate: CERTIFICATE,
  RequestCertificate: ANY,
  ResendValidationEmail: CERTIFICATE,
  UpdateCertificateOptions: CERTIFICATE,
};

const ROUTE53: Readonly<Record<string, string>> = {
  ChangeResourceRecordSets: ZONE,
  ChangeTagsForResource: '{ResourceType}/{ResourceId}',
  CreateHostedZone: ANY,
  DeleteHostedZone: ZONE_BY_ID,
  GetChange: 'change/{Id}',
  GetDNSSEC: ZONE,
  GetHostedZone: ZONE_BY_ID,
  GetHostedZoneCount: ANY,
  ListHostedZones: ANY,
  ListHostedZonesByName: ANY,
  ListResourceRecordSets: ZONE,
  ListTagsForResource: '{ResourceType}/{ResourceId}',
  // Each of them.
  ListTagsForResources: '{ResourceType}/{ResourceIds}',
  TestDNSAnswer: ANY,
  UpdateHostedZoneComment: ZONE_BY_ID,
};

const FUNCTION = 'function:{FunctionName}';

const LAMBDA: Readonly<Record<string, OperationAction>> = {
  GetFunction: { action: 'lambda:GetFunction', resources: [FUNCTION] },
  GetFunctionConfiguration: { action: 'lambda:GetFunctionConfiguration', resources: [FUNCTION] },
  Invoke: { action: 'lambda:InvokeFunction', resources: [FUNCTION] },
  ListFunctions: { action: 'lambda:ListFunctions', resources: [ANY] },
};

/** What policies have to say of an operation; undefined for one of which they can say nothing. */
export function actionOf(service: ServiceName, name: string): OperationAction | undefined {
  const model = SERVICES[service].operations[name];
  if ((service === 'apigatewayv2' || service === 'apigateway') && model?.http) {
    // API Gateway's actions are the methods of HTTP, its resources the paths.
    const { method, uri } = model.http;
    return { action: `apigateway:${method}`, resources: [uri.replace(/^\/v2/, '').replace(/\?.*$/, '')] };
  }
  if (service === 'lambda') return Object.hasOwn(LAMBDA, name) ? LAMBDA[name] : undefined;
  const table = service === 'acm' ? ACM : service === 'route53' ? ROUTE53 : {};
  const form = Object.hasOwn(table, name) ? table[name] : undefined;
  return form === undefined ? undefined : { action: `${service}:${name}`, resources: [form] };
}

/** The ARNs, or `*`: all of them have to be allowed. */
export function resourcesOf(
  service: ServiceName,
  { resources }: OperationAction,
  input: Readonly<Record<string, unknown>>,
  place: Place,
): readonly string[] {
  return resources.flatMap((form) => {
    if (form === ANY) return [ANY];
    if (service === 'lambda') return [functionResource(textOf(input['FunctionName']) ?? '', place)];
    if (service === 'acm') return [textOf(input['CertificateArn']) ?? newCertificate(place)];
    const name = /\{([A-Za-z]+)\}$/.exec(form)?.[1] ?? '';
    const last = input[name];
    const each = Array.isArray(last) ? (last as unknown[]) : [last];
    return each.map((one) => arnOf(service, fill(service, form, { ...input, [name]: one }), place));
  });
}

/** One that is imported for the first time is any certificate of the account. */
function newCertificate({ region, account }: Place): string {
  return formatArn('acm', region, account, 'certificate/*');
}

/** Whichever of its forms names the function: an operation refuses one of another account or region by itself. */
function functionResource(given: string, { region, account }: Place): string {
  const { name, qualifier } = parseFunctionName(given);
  const resource = `function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`;
  return formatArn('lambda', region, account, resource);
}

function arnOf(service: ServiceName, resource: string, { region }: Place): string {
  return service === 'route53' ? formatArn('route53', '', '', resource) : formatArn('apigateway', region, '', resource);
}

function fill(service: ServiceName, form: string, input: Readonly<Record<string, unknown>>): string {
  return form.replace(/\{([A-Za-z]+)\}/g, (_, name: string) => {
    const text = textOf(input[name]) ?? '';
    // Clients may leave the prefix of an id on; in a path an ARN is one segment.
    if (service === 'route53') return text.replace(/^\/?(?:hostedzone|change)\//, '');
    return encodeURIComponent(name === 'ResourceArn' ? withoutAccount(text) : text);
  });
}

/** ARNs of API Gateway's resources are in no account: whatever stands there, the same resource is meant. */
function withoutAccount(arn: string): string {
  const parsed = parseArn(arn);
  return parsed ? formatArn(parsed.service, parsed.region, '', parsed.resource) : arn;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
