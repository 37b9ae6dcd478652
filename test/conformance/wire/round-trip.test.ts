// The wire against its peer: for every operation of the services, the SDK's client sends a full input that our router
// and codecs must read member for member, and reads back a full output that we wrote. The second half shows that our error
// bytes become the SDK's error classes.

import { test, type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as acm from '@aws-sdk/client-acm';
import * as apigatewaymanagementapi from '@aws-sdk/client-apigatewaymanagementapi';
import * as apigateway from '@aws-sdk/client-api-gateway';
import * as apigatewayv2 from '@aws-sdk/client-apigatewayv2';
import * as route53 from '@aws-sdk/client-route-53';
import * as lambda from '@aws-sdk/client-lambda';
import * as sts from '@aws-sdk/client-sts';
import { realClock } from '../../../src/ambient/clock.ts';
import { faultResponse } from '../../../src/controlplane/wire/fault-response.ts';
import {
  routeName,
  routeRest,
  routeTarget,
  type RoutedOperation,
} from '../../../src/controlplane/wire/operation-router.ts';
import { PROTOCOLS, type WireResponse } from '../../../src/controlplane/wire/protocols.ts';
import { readForm } from '../../../src/controlplane/wire/query-shapes.ts';
import { authenticate } from '../../../src/identity/authenticate.ts';
import { developmentIdentities } from '../../../src/identity/identities.ts';
import { CONTROL_FAULTS, Fault, type ControlFaultCode } from '../../../src/model/faults.ts';
import {
  SERVICES,
  shapeOf,
  type MemberModel,
  type ServiceModel,
  type ServiceName,
  type WireRecord,
} from '../../../src/protocol/wire/model.ts';

/** How often a shape may lie within itself in a sample. */
const RECURSION_MAX = 2;
/** Rounds of one operation: each takes other members of the unions met, until all were sent. */
const ROUNDS_MAX = 100;

/** Where HTTP shows nothing for an empty value: a path has no empty segment, a list in the query no item, a body no byte. */
const EMPTY_IS_ABSENT = new Set(['label:string', 'query:list', 'payload:blob']);

/** Whoever asks for credentials has none yet. */
const UNSIGNED = new Set(['AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity']);

interface Client {
  send(command: unknown): Promise<WireRecord>;
  destroy(): void;
}
type Package = Readonly<Record<string, unknown>>;

const CLIENTS: Readonly<Record<ServiceName, { readonly exports: Package; readonly client: string }>> = {
  apigatewayv2: { exports: apigatewayv2, client: 'ApiGatewayV2Client' },
  apigateway: { exports: apigateway, client: 'APIGatewayClient' },
  acm: { exports: acm, client: 'ACMClient' },
  route53: { exports: route53, client: 'Route53Client' },
  sts: { exports: sts, client: 'STSClient' },
  lambda: { exports: lambda, client: 'LambdaClient' },
  apigatewaymanagementapi: { exports: apigatewaymanagementapi, client: 'ApiGatewayManagementApiClient' },
};
const SERVICE_NAMES = Object.keys(SERVICES) as ServiceName[];

/** Makes full structures of a service. Every value differs from the others, so that none can land in another's place. */
class Sampler {
  readonly #service: ServiceModel;
  readonly #turns = new Map<string, number>();
  /** Unions met so far, and which of their members were taken. */
  readonly #unions = new Map<string, Set<string>>();
  #count = 0;
  #state = 1;

  readonly #isEmpty: boolean;

  /** With `empty`, every value is the empty one of its type, where the wire can tell that from being absent. */
  constructor(service: ServiceModel, fill: 'full' | 'empty' = 'full') {
    this.#service = service;
    this.#isEmpty = fill === 'empty';
  }

  record(shape: string | null): WireRecord {
    return shape === null ? {} : (this.#structure(shape, []) ?? {});
  }

  /** True when every member of every union met has been in some sample. */
  isComplete(): boolean {
    return [...this.#unions].every(([shape, taken]) => {
      return taken.size === Object.keys(shapeOf(this.#service, shape).members!).length;
    });
  }

  #structure(shape: string, within: readonly string[]): WireRecord | undefined {
    if (within.filter((one) => one === shape).length >= RECURSION_MAX) return undefined;
    const members = shapeOf(this.#service, shape).members ?? {};
    const inside = [...within, shape];
    if (shapeOf(this.#service, shape).kind === 'union') return this.#union(shape, members, inside);
    const record: WireRecord = {};
    for (const [name, member] of Object.entries(members)) {
      const value = this.#value(name, member, inside);
      if (value !== undefined) record[name] = value;
    }
    return record;
  }

  #union(shape: string, members: Readonly<Record<string, MemberModel>>, inside: readonly string[]): WireRecord {
    const taken = this.#unions.get(shape) ?? new Set();
    this.#unions.set(shape, taken);
    const names = Object.keys(members);
    const start = this.#random(names.length);
    const turned = [...names.slice(start), ...names.slice(0, start)];
    for (const name of [...turned.filter((one) => !taken.has(one)), ...turned]) {
      const value = this.#value(name, members[name]!, inside);
      if (value === undefined) continue;
      taken.add(name);
      return { [name]: value };
    }
    throw new Error(`every member of the union ${shape} lies too deep`);
  }

  #value(name: string, member: MemberModel, within: readonly string[]): unknown {
    const count = this.#count++;
    const isEmpty = this.#isEmpty && !EMPTY_IS_ABSENT.has(`${member.location}:${member.type}`);
    if (member.location === 'status') return 200;
    switch (member.type) {
      case 'structure':
        return this.#structure(member.shape!, within);
      case 'list': {
        const element = {
          ...shapeOf(this.#service, member.shape!).element!,
          ...(member.enum && { enum: member.enum }),
        };
        const values = [this.#value(name, element, within), this.#value(name, element, within)];
        return values.includes(undefined) ? undefined : values;
      }
      case 'map': {
        if (isEmpty) return {};
        const element = shapeOf(this.#service, member.shape!).element!;
        return {
          [`a ${name}/é&<">+`]: this.#value(name, element, within),
          'x-b.c': this.#value(name, element, within),
        };
      }
      case 'string':
        if (member.enum) {
          const allowed = this.#service.enums[member.enum]!;
          return allowed[this.#turn(member.enum) % allowed.length];
        }
        if (isEmpty) return '';
        // A header carries Latin-1 only.
        return `${name} ${count} /é&<">+%2F='~?#${member.location === 'header' ? '' : '☂😀'}.`;
      case 'number':
        return this.#isEmpty ? 0 : 1_000 + count;
      case 'boolean':
        return !this.#isEmpty && this.#turn(name) % 2 === 0;
      case 'blob':
        return new Uint8Array(isEmpty ? [] : [0, 255, 128, count & 255, 10, 13]);
      default:
        assert.match(member.type, /^timestamp/);
        return new Date(1_700_000_000_000 + count * 1_000);
    }
  }

  /** The same numbers in every run (a linear congruential generator). */
  #random(below: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * below);
  }

  #turn(name: string): number {
    const turn = this.#turns.get(name) ?? 0;
    this.#turns.set(name, turn + 1);
    return turn;
  }
}

/** Values as both sides spell them: whatever kind of bytes, a Uint8Array. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

interface Seen {
  readonly operation: string;
  readonly input: WireRecord;
}

/** A server of one service that notes what it read and answers what it is told, and a client of the SDK that talks to it. */
async function startPeers(context: TestContext, service: ServiceName) {
  const peer = { seen: [] as Seen[], answer: undefined as unknown as (routed: RoutedOperation) => WireResponse };
  const server = createServer((incoming, response) => {
    void handle(incoming).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      (error: Error) => response.writeHead(500, { 'x-amzn-errortype': 'TestServer' }).end(error.stack),
    );
  });
  const handle = async (incoming: IncomingMessage): Promise<WireResponse> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url: target = '' } = incoming;
    const headers = incoming.headers as Record<string, string>;
    const request = { method, target, headers, body: Buffer.concat(chunks) };
    const authenticated = authenticate(request, developmentIdentities, realClock);
    const isStrangers = 'unauthenticated' in authenticated && authenticated.unauthenticated === 'missing';
    assert.ok('caller' in authenticated || isStrangers, `the signature is refused for ${method} ${target}`);
    const [path = '', search = ''] = target.split('?');
    const query = new URLSearchParams(search);
    const { protocol } = SERVICES[service];
    const routed =
      protocol === 'query'
        ? routeName(service, readForm(query, request.body).get('Action') ?? '')
        : protocol === 'json-1.1'
          ? routeTarget(service, headers['x-amz-target'] ?? '')
          : routeRest(service, method, path, query);
    assert.ok(routed, `no operation for ${method} ${target}`);
    assert.equal(isStrangers, UNSIGNED.has(routed.name), `${routed.name} is signed, or is not`);
    peer.seen.push({
      operation: routed.name,
      input: PROTOCOLS[protocol].readInput(routed, { query, headers, body: request.body }),
    });
    return peer.answer(routed);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { exports, client: name } = CLIENTS[service];
  const client = new (exports[name] as new (options: object) => Client)({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    region: 'us-east-1',
    maxAttempts: 1,
  });
  context.after(() => {
    client.destroy();
    server.close();
  });
  const command = (operation: string, input: WireRecord): unknown =>
    new (exports[`${operation}Command`] as new (input: WireRecord) => unknown)(input);
  return Object.assign(peer, {
    send: (operation: string, input: WireRecord) => client.send(command(operation, input)),
  });
}

void test('the clients and the model have the same operations', () => {
  for (const service of SERVICE_NAMES) {
    const commands = Object.keys(CLIENTS[service].exports).flatMap((name) => /^(\w+)Command$/.exec(name)?.[1] ?? []);
    assert.deepEqual(Object.keys(SERVICES[service].operations).sort(), commands.filter((name) => name !== '$').sort());
  }
  assert.equal(SERVICE_NAMES.flatMap((service) => Object.keys(SERVICES[service].operations)).length, 443);
});

for (const service of SERVICE_NAMES) {
  void test(`${service}: every operation goes round`, async (context) => {
    const peers = await startPeers(context, service);
    for (const [operation, model] of Object.entries(SERVICES[service].operations)) {
      // Of the REST API the model has the names of what is not there, and no shapes.
      if ((service === 'apigateway' || service === 'lambda') && model.input === null) continue;
      const goRound = async (inputs: Sampler, outputs: Sampler): Promise<void> => {
        const input = inputs.record(model.input);
        const output = outputs.record(model.output);
        peers.seen.length = 0;
        peers.answer = (routed) => PROTOCOLS[SERVICES[service].protocol].writeOutput(routed, output, 'a-request');
        const { $metadata, ...received } = await peers.send(operation, input);
        assert.deepEqual(plain(peers.seen), [{ operation, input: plain(input) }]);
        assert.deepEqual(plain(received), plain(output));
        assert.equal(($metadata as { httpStatusCode: number }).httpStatusCode, model.http?.status ?? 200);
      };
      await context.test(operation, async () => {
        await goRound(new Sampler(SERVICES[service], 'empty'), new Sampler(SERVICES[service], 'empty'));
        const inputs = new Sampler(SERVICES[service]);
        const outputs = new Sampler(SERVICES[service]);
        let rounds = 0;
        do {
          await goRound(inputs, outputs);
          rounds += 1;
        } while (!(inputs.isComplete() && outputs.isComplete()) && rounds < ROUNDS_MAX);
        assert.ok(inputs.isComplete() && outputs.isComplete(), `some union member was not sent in ${rounds} rounds`);
      });
    }
  });
}

/** The services whose errors are written by the control plane, and an operation to raise them with. */
const RAISED_BY = {
  apigatewayv2: 'GetApi',
  apigateway: 'GetApiKey',
  acm: 'DescribeCertificate',
  route53: 'GetHostedZone',
  sts: 'GetSessionToken',
  lambda: 'Invoke',
} as const;
/** What the services that speak XML call the faults that the others name with `…Exception`. */
const XML_NAMES: Partial<Record<ControlFaultCode, string>> = {
  ConflictException: 'PriorRequestNotComplete',
  AccessDeniedException: 'AccessDenied',
  IncompleteSignatureException: 'IncompleteSignature',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
  ExpiredTokenException: 'ExpiredToken',
  ThrottlingException: 'Throttling',
  ValidationException: 'ValidationError',
  UnknownOperationException: 'InvalidAction',
  SerializationException: 'MalformedInput',
  ServiceUnavailableException: 'ServiceUnavailable',
};
const isXml = (protocol: ServiceModel['protocol']) => protocol === 'rest-xml' || protocol === 'query';
const ERROR_MESSAGE = 'No ☂ of <"a"> & \'b\' is at é/+.';

for (const [service, operation] of Object.entries(RAISED_BY) as [ServiceName, string][]) {
  void test(`${service}: every modelled error is raised by its name`, async (context) => {
    const peers = await startPeers(context, service);
    const model = SERVICES[service];
    const errors = Object.entries(model.shapes).filter(
      // What goes by another name on the wire is no error of that model: who throttles Route 53's clients says `Throttling`.
      ([name, { kind }]) => kind === 'error' && name in CONTROL_FAULTS && !(isXml(model.protocol) && name in XML_NAMES),
    );
    assert.equal(errors.length === 0, service === 'sts');
    for (const [name, shape] of errors) {
      await context.test(name, async () => {
        const fault = new Fault(name as ControlFaultCode, ERROR_MESSAGE);
        peers.answer = () => faultResponse(fault, model.protocol, 'request-1');
        const input = new Sampler(model).record(model.operations[operation]!.input);
        await assert.rejects(peers.send(operation, input), (error: unknown) => {
          assert.ok(error instanceof (CLIENTS[service].exports[name] as new () => Error), `it is ${String(error)}`);
          const { $metadata } = error as Error & { $metadata: { httpStatusCode: number } };
          assert.deepEqual(
            { name: error.name, message: error.message, status: $metadata.httpStatusCode },
            { name, message: ERROR_MESSAGE, status: shape.status },
          );
          return true;
        });
      });
    }
  });
}

for (const [service, operation] of Object.entries(RAISED_BY) as [ServiceName, string][]) {
  void test(`${service}: the client reads name, message and status of every fault`, async (context) => {
    const peers = await startPeers(context, service);
    const { protocol, operations } = SERVICES[service];
    for (const code of Object.keys(CONTROL_FAULTS) as ControlFaultCode[]) {
      const answer = faultResponse(new Fault(code, ERROR_MESSAGE), protocol, 'request-1');
      peers.answer = () => answer;
      const error = await peers
        .send(operation, new Sampler(SERVICES[service]).record(operations[operation]!.input))
        .then(
          () => assert.fail(`${code} was no error`),
          (reason: unknown) => reason as Error & { $metadata: { httpStatusCode: number } },
        );
      assert.equal(error.message, ERROR_MESSAGE, code);
      assert.equal(error.$metadata.httpStatusCode, answer.status, code);
      const name = isXml(protocol) ? (XML_NAMES[code] ?? code) : code;
      assert.equal(error.name, name);
    }
  });
}
