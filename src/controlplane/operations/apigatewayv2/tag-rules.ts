// Tags of API Gateway's resources: what they may be, and which resource an ARN means (websocket-apis 1.2, custom-domains 1.14).

import { parseArn } from '../../../model/arn.ts';
import type { Kinds } from '../../../model/kinds.ts';
import { OPTION_PREFIX, readStageOptions } from '../../../model/stage-options.ts';
import { limit } from '../../../settings/limits.ts';
import type { Transaction, View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';
import { findApiKey, findUsagePlan } from '../apigateway/find-plan.ts';
import { badRequest, findApi, findDomainName, findStage, notFound } from './find.ts';
import { findVpcLink } from './vpc-link-rules.ts';

type Tags = Readonly<Record<string, string>>;

/** What has tags; only a Stage has options among them. */
export type TaggedKind = 'api' | 'stage' | 'domain-name' | 'vpc-link' | 'api-key' | 'usage-plan';

/** Throws BadRequestException for tags that may not be set; `tags` are all that the resource would have. */
export function checkTags(kind: TaggedKind, tags: Tags = {}): void {
  const max = limit('tagsPerResourceMax');
  const names = Object.keys(tags);
  if (names.length > max) throw badRequest(`A resource may have at most ${max} tags, and would have ${names.length}.`);
  for (const [key, value] of Object.entries(tags)) {
    if (key.length < 1 || key.length > limit('tagKeyCharactersMax')) {
      throw badRequest(
        `A tag key has 1 to ${limit('tagKeyCharactersMax')} characters, and '${key.slice(0, 32)}…' has ${key.length}.`,
      );
    }
    if (value.length > limit('tagValueCharactersMax')) {
      throw badRequest(
        `The value of tag '${key}' has ${value.length} characters, at most ${limit('tagValueCharactersMax')} are allowed.`,
      );
    }
    if (key.toLowerCase().startsWith('aws:'))
      throw badRequest(`The tag key '${key}' begins with aws:, which is reserved.`);
  }
  checkOptions(kind, tags);
}

function checkOptions(kind: TaggedKind, tags: Tags): void {
  const option = Object.keys(tags).find((key) => key.startsWith(OPTION_PREFIX));
  if (option === undefined) return;
  if (kind !== 'stage') throw badRequest(`The tag '${option}' would be an option of a stage, and this is none.`);
  const options = readStageOptions(tags);
  if ('problem' in options) throw badRequest(options.problem);
}

/** A resource that has tags, and how to write it back. */
export interface Tagged {
  readonly kind: TaggedKind;
  readonly tags: Tags;
  write(transaction: Transaction, tags: Tags): void;
}

/** The resource of a tag ARN. Throws NotFoundException for what the caller does not have. */
export async function findTagged(view: View, request: OperationRequest, arn: string): Promise<Tagged> {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'apigateway' || parsed.region !== request.region) {
    throw badRequest(`Invalid ARN specified in the request: ${arn.slice(0, 256)}`);
  }
  const [, apiId, stageName] = /^\/apis\/([^/]+)(?:\/stages\/([^/]+))?$/.exec(parsed.resource) ?? [];
  if (apiId !== undefined && stageName !== undefined) {
    return taggedOf('stage', await findStage(view, request, apiId, stageName));
  }
  if (apiId !== undefined) return taggedOf('api', await findApi(view, request, apiId));
  const name = /^\/domainnames\/([^/]+)$/.exec(parsed.resource)?.[1];
  if (name !== undefined) return taggedOf('domain-name', await findDomainName(view, request, name));
  const linkId = /^\/vpclinks\/([^/]+)$/.exec(parsed.resource)?.[1];
  if (linkId !== undefined) return taggedOf('vpc-link', await findVpcLink(view, request, linkId));
  const [, list, id] = /^\/(apikeys|usageplans)\/([^/]+)$/.exec(parsed.resource) ?? [];
  if (id !== undefined) {
    return list === 'apikeys'
      ? taggedOf('api-key', await findApiKey(view, request, id))
      : taggedOf('usage-plan', await findUsagePlan(view, request, id));
  }
  const kinds = 'an API, a stage, a domain name, a VPC link, an API key or a usage plan';
  throw notFound(`Invalid ARN specified in the request: ${arn.slice(0, 256)} is not ${kinds}`);
}

function taggedOf<K extends TaggedKind>(kind: K, entity: Kinds[K]): Tagged {
  return {
    kind,
    tags: entity.tags ?? {},
    write: (transaction, tags) => transaction.put(kind, { ...entity, tags }),
  };
}
