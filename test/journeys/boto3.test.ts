// The whole chain with boto3 and websockets as Debian ships them, unmodified (custom-domains 1, 2, 5, 6): one run of
// test/peers/custom_domain.py against a gateway; each test reads its part of what the clients saw.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CreateDomainNameCommand, GetDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import { issueCertificate, makeHostedZone } from '../harness/domains.ts';
import { startTestGateway, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { missing } from '../harness/peers.ts';
import { see, type Domain, type Refusal, type Saw } from '../peers/boto3-run.ts';

const ZONE_ID = 'Z1UJRXOUMOOFQ8';
const DOMAIN_NAME = 'ws.example.com';
const WILDCARD = '*.tenants.example.com';
const NAMES = [DOMAIN_NAME, 'chat.example.com', 'room.example.com', WILDCARD];
/** Made by the SDK for JavaScript, which knows of dual stack. */
const DUALSTACK_NAME = 'dual.example.org';
const CERTIFICATE_ARN = /^arn:aws:acm:us-east-1:000000000000:certificate\/[0-9a-f-]{36}$/;
const REGIONAL_NAME = /^d-[a-z0-9]{10}\.execute-api\.us-east-1\.localhost$/;
const OK = { status: 200 };
const NO_CONTENT = { status: 204 };

/** A refusal that boto3 raised as its own typed exception. */
function refusal(type: string, status: number, message: string): Refusal {
  return { type, code: type, status, message };
}

const UNKNOWN_NAME = refusal('NotFoundException', 404, 'Invalid domain name identifier specified');

describe('boto3 and websockets of Debian, unmodified', { skip: missing('boto3') }, () => {
  const ends: (() => unknown)[] = [];
  let gateway: TestGateway;
  let saw: Saw;
  before(async () => {
    const owner = { after: (end: () => unknown) => ends.unshift(end) };
    gateway = await startTestGateway(owner);
    const zoneId = await makeHostedZone(gateway.clients, 'example.org');
    const CertificateArn = await issueCertificate(gateway.clients, zoneId, DUALSTACK_NAME);
    const DomainNameConfigurations = [{ CertificateArn, IpAddressType: 'dualstack' as const }];
    await gateway.clients.gateway.send(
      new CreateDomainNameCommand({ DomainName: DUALSTACK_NAME, DomainNameConfigurations }),
    );
    saw = await see(gateway, temporaryDirectory(owner), DUALSTACK_NAME);
  });
  after(async () => {
    for (const end of ends) await end();
  });

  /** A domain name as boto3 reads it; it leaves out what is younger than itself. */
  function domain(DomainName: string, CertificateArn: string, ApiGatewayDomainName: string, Tags: object): object {
    const configuration = {
      ApiGatewayDomainName,
      CertificateArn,
      DomainNameStatus: 'AVAILABLE',
      EndpointType: 'REGIONAL',
      HostedZoneId: ZONE_ID,
      SecurityPolicy: 'TLS_1_2',
    };
    const DomainNameConfigurations = [configuration];
    return { ApiMappingSelectionExpression: '$request.basepath', DomainName, DomainNameConfigurations, Tags };
  }
  const regionalNameOf = ({ DomainNameConfigurations }: Domain) => DomainNameConfigurations[0]!.ApiGatewayDomainName;
  const arn = () => saw.certificate.requested.CertificateArn;
  const apiId = () => saw.api.created.ApiId;
  const [team, cost] = ['chat', 'one'];

  test('a hosted zone is made with its two records and four name servers, once for a caller reference', () => {
    const { created, again } = saw.zone;
    assert.match(created.HostedZone.Id, /^\/hostedzone\/Z[A-Z0-9]+$/);
    assert.partialDeepStrictEqual(created, {
      status: 201,
      Location: `https://route53.amazonaws.com/2013-04-01${created.HostedZone.Id}`,
      HostedZone: {
        Name: 'example.com.',
        CallerReference: 'boto3',
        Config: { PrivateZone: false },
        ResourceRecordSetCount: 2,
      },
      ChangeInfo: { Status: 'PENDING' },
      DelegationSet: { NameServers: [1, 2, 3, 4].map((number) => `ns-${number}.dns.localhost`) },
    });
    assert.deepEqual([again.type, again.status], ['HostedZoneAlreadyExists', 409]);
  });

  test('a certificate of four names is pending until the CNAME of each is found, and the waiter sees it issued', () => {
    const { pending, unproven, change, issued } = saw.certificate;
    assert.match(arn(), CERTIFICATE_ARN);
    const unused = {
      CertificateArn: arn(),
      DomainName: DOMAIN_NAME,
      SubjectAlternativeNames: NAMES,
      Subject: `CN=${DOMAIN_NAME}`,
      Issuer: 'Amazon',
      KeyAlgorithm: 'RSA-2048',
      SignatureAlgorithm: 'SHA256WITHRSA',
      Type: 'AMAZON_ISSUED',
      InUseBy: [],
      RenewalEligibility: 'INELIGIBLE',
    };
    assert.partialDeepStrictEqual(pending, { ...unused, Status: 'PENDING_VALIDATION' });
    assert.partialDeepStrictEqual(issued, { ...unused, Status: 'ISSUED' });
    assert.deepEqual(
      [pending, issued].map(({ DomainValidationOptions }) =>
        DomainValidationOptions.map((option) => [option.DomainName, option.ValidationStatus]),
      ),
      ['PENDING_VALIDATION', 'SUCCESS'].map((status) => NAMES.map((name) => [name, status])),
    );
    for (const { DomainName, ResourceRecord } of pending.DomainValidationOptions) {
      const { Name, Type, Value } = ResourceRecord;
      assert.match(Name, /^_[0-9a-f]{32}\./);
      assert.equal(Name.slice('_'.length + 32), `.${DomainName.replace('*.', '')}.`);
      assert.equal(Type, 'CNAME');
      assert.match(Value, /^_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/);
    }
    const words = `Certificate ${arn()} in account 000000000000 not yet issued`;
    assert.deepEqual(unproven, refusal('RequestInProgressException', 400, words));
    assert.partialDeepStrictEqual(change, { ...OK, ChangeInfo: { Status: 'PENDING', Comment: 'UPSERT' } });
  });

  test('a later certificate of the name is proven by the record that is there already', () => {
    const second = saw.secondCertificate;
    assert.notEqual(second.CertificateArn, arn());
    assert.equal(second.Status, 'ISSUED');
    const [first] = saw.certificate.pending.DomainValidationOptions;
    assert.deepEqual(second.DomainValidationOptions[0]!.ResourceRecord, first!.ResourceRecord);
  });

  test('an API, its stage and its deployment are made', () => {
    const { created, stage, deployment } = saw.api;
    assert.match(apiId(), /^[a-z0-9]{10}$/);
    assert.partialDeepStrictEqual(created, { status: 201, Name: 'boto3', ProtocolType: 'WEBSOCKET' });
    assert.partialDeepStrictEqual(stage, { status: 201, StageName: 'test' });
    assert.partialDeepStrictEqual(deployment, { status: 201, DeploymentStatus: 'DEPLOYED' });
  });

  test('domain names are made with the defaults of what was not given, each with a Regional name of its own', () => {
    const { created, certificate } = saw.names;
    const regionalNames = created.map(regionalNameOf);
    for (const name of regionalNames) assert.match(name, REGIONAL_NAME);
    assert.equal(new Set(regionalNames).size, NAMES.length);
    assert.deepEqual(
      created,
      NAMES.map((name, at) => ({ status: 201, ...domain(name, arn(), regionalNames[at]!, { team, cost }) })),
    );
    assert.ok(certificate.InUseBy.length > 0);
    assert.equal(certificate.RenewalEligibility, 'ELIGIBLE');
  });

  test('the paginator gets every name once, and a name is read, a wildcard by its star too', () => {
    const { pages, one, wildcard } = saw.read;
    assert.deepEqual(
      pages.map(({ length }) => length),
      [2, 2, 1],
    );
    assert.deepEqual(pages.flat().toSorted(), [...NAMES, DUALSTACK_NAME].toSorted());
    const [exact, , , star] = saw.names.created;
    assert.deepEqual(
      [one, wildcard],
      [exact, star].map((created) => ({ ...created, ...OK })),
    );
  });

  test('an update takes another certificate and keeps the Regional name', () => {
    const { CertificateArn } = saw.secondCertificate;
    const regionalName = regionalNameOf(saw.read.one);
    assert.deepEqual(saw.updates.moved, {
      ...OK,
      ...domain(DOMAIN_NAME, CertificateArn, regionalName, { team, cost }),
    });
  });

  test('an update by a client that does not know of dual stack leaves it as it was', async () => {
    assert.equal(saw.updates.kept.status, 200);
    const { DomainNameConfigurations: after } = await gateway.clients.gateway.send(
      new GetDomainNameCommand({ DomainName: DUALSTACK_NAME }),
    );
    assert.equal(after![0]!.IpAddressType, 'dualstack');
  });

  for (const kind of ['exact', 'wildcard'] as const) {
    test(`tags of ${kind === 'exact' ? 'a name' : 'a wildcard'} are read, set and removed by its ARN`, () => {
      assert.deepEqual(saw.tags[kind], [
        { ...OK, Tags: { team, cost } },
        { status: 201 },
        { ...OK, Tags: { team, cost: 'two', zone: 'a/b c=d' } },
        NO_CONTENT,
        { ...OK, Tags: { zone: 'a/b c=d' } },
      ]);
    });
  }

  test('mappings are made, listed by hand page by page, and moved to another key under the same id', () => {
    const { created, pages, isLast, updated, read, wildcard } = saw.mappings;
    const { ApiMappingId } = created;
    const mapping = { ApiId: apiId(), ApiMappingId, Stage: 'test' };
    assert.match(ApiMappingId, /^[a-z0-9]+$/);
    assert.deepEqual(created, { status: 201, ...mapping, ApiMappingKey: 'v1' });
    assert.deepEqual(
      pages.map(({ length }) => length),
      [1, 1],
    );
    const keys = pages.flat().map(({ ApiMappingKey }) => ApiMappingKey);
    assert.deepEqual([keys.toSorted(), isLast], [['other/key', 'v1'], true]);
    assert.deepEqual(updated, { ...OK, ...mapping, ApiMappingKey: 'chat' });
    assert.deepEqual(read, updated);
    assert.deepEqual(
      wildcard.map(({ ApiMappingKey, Stage }) => [ApiMappingKey, Stage]),
      [['', 'test']],
    );
  });

  test('alias records lead to the Regional names; the star of one is written \\052', () => {
    const { change, aliases } = saw.aliases;
    assert.partialDeepStrictEqual(change, OK);
    const alias = (Name: string, { DomainNameConfigurations }: Domain) => {
      const DNSName = `${DomainNameConfigurations[0]!.ApiGatewayDomainName}.`;
      return { Name, Type: 'A', AliasTarget: { HostedZoneId: ZONE_ID, DNSName, EvaluateTargetHealth: false } };
    };
    const { one, wildcard } = saw.read;
    const expected = [alias('\\052.tenants.example.com.', wildcard), alias('ws.example.com.', one)];
    assert.deepEqual(aliases, expected);
  });

  const talks = [
    ['a name, on the key of its mapping', 'talk', 'secondCertificate'],
    ['a host under a wildcard, on its root', 'wildcardTalk', 'certificate'],
  ] as const;
  for (const [name, part, shown] of talks) {
    test(`${name}: websockets talks, and boto3 calls back, through the gateway’s own DNS and certificate`, () => {
      const { certificate, told, connection, gone } = saw[part];
      assert.partialDeepStrictEqual(saw[part], {
        reply: 'hello from the mock',
        told: { message: 'Internal server error' },
        posted: OK,
        pushed: 'from the backend',
        connection: { ...OK, Identity: { SourceIp: '127.0.0.1' } },
        ended: NO_CONTENT,
        close: [1000, 'Connection Closed Normally'],
      });
      assert.match(told.connectionId, /^[\w-]{11,}=*$/);
      assert.match(connection.Identity.UserAgent, /^Python\/[\d.]+ websockets\/[\d.]+$/);
      assert.ok(connection.ConnectedAt <= connection.LastActiveAt);
      assert.deepEqual([gone.type, gone.status], ['GoneException', 410]);
      const { Serial } = shown === 'certificate' ? saw.certificate.issued : saw.secondCertificate;
      assert.equal(certificate.serialNumber, Serial.replaceAll(':', '').toUpperCase());
      assert.deepEqual(
        certificate.subjectAltName.map(([, value]) => value),
        shown === 'certificate' ? NAMES : [DOMAIN_NAME],
      );
    });
  }

  test('the key that a mapping left is refused', () => assert.equal(saw.oldKey, 403));

  test('every refusal is an exception of its own type, with AWS’s words', () => {
    const { CertificateArn } = saw.secondCertificate;
    assert.deepEqual(saw.refusals, {
      duplicateName: refusal('BadRequestException', 400, 'The domain name you provided already exists.'),
      uncoveredName: refusal(
        'BadRequestException',
        400,
        'The domain name to be created is not covered by the provided certificate.',
      ),
      unknownName: UNKNOWN_NAME,
      unknownNameDeleted: UNKNOWN_NAME,
      unknownNameMapped: UNKNOWN_NAME,
      keyInUse: refusal('ConflictException', 409, 'ApiMapping key already exists for this domain name'),
      unknownApi: refusal('BadRequestException', 400, 'Invalid API identifier specified: none'),
      unknownStage: refusal('BadRequestException', 400, 'Invalid stage identifier specified'),
      mappedApi: refusal(
        'BadRequestException',
        400,
        `Deleting API ${apiId()} failed. Please remove all API mappings for the API from your custom domain names.`,
      ),
      certificateInUse: refusal(
        'ResourceInUseException',
        400,
        `Certificate ${CertificateArn} in account 000000000000 is in use. It is used by ws.example.com.`,
      ),
      zoneNotEmpty: refusal(
        'HostedZoneNotEmpty',
        400,
        'The hosted zone contains resource records that are not SOA or NS records.',
      ),
    });
  });

  test('a deleted name takes its mappings along and frees the API and the certificates; then all can go', () => {
    const { removed } = saw;
    const { certificateAgain, records, zone, ...rest } = removed;
    assert.deepEqual(rest, {
      names: NAMES.map(() => NO_CONTENT),
      nameAgain: UNKNOWN_NAME,
      mapping: UNKNOWN_NAME,
      inUseBy: [[], []],
      api: NO_CONTENT,
      certificates: [OK, OK],
      zoneAgain: refusal(
        'NoSuchHostedZone',
        404,
        `No hosted zone found with ID: ${saw.zone.created.HostedZone.Id.slice('/hostedzone/'.length)}`,
      ),
      left: [DUALSTACK_NAME],
    });
    assert.deepEqual([certificateAgain.type, certificateAgain.status], ['ResourceNotFoundException', 400]);
    assert.partialDeepStrictEqual(records, { ...OK, ChangeInfo: { Comment: 'DELETE' } });
    assert.partialDeepStrictEqual(zone, { ...OK, ChangeInfo: { Status: 'PENDING' } });
  });
});
