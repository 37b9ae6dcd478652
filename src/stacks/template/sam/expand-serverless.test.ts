// SAM: what is made of each of its types, under which names, and what is refused or left out by name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, propertiesOf, read } from '../../../../test/harness/stack-templates.ts';

const HEAD = 'Transform: AWS::Serverless-2016-10-31\nResources:\n';
const functionOf = (properties: string, more = '') =>
  `${HEAD}  F:\n    Type: AWS::Serverless::Function\n${more}    Properties: ${properties}\n`;
const apiOf = (properties: string) =>
  `${HEAD}  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: a.b}}\n  A:\n    Type: AWS::Serverless::WebSocketApi\n    Properties: ${properties}\n`;
const ROUTES = 'Routes: {$default: {FunctionArn: !GetAtt F.Arn}}';
const SELECTION = 'RouteSelectionExpression: $request.body.action';

const CODES: readonly (readonly [name: string, properties: string, code: unknown])[] = [
  ['in a bucket', '{CodeUri: "s3://bucket/a/key.zip"}', { S3Bucket: 'bucket', S3Key: 'a/key.zip' }],
  [
    'in a bucket, in full',
    '{CodeUri: {Bucket: b, Key: k, Version: "1"}}',
    { S3Bucket: 'b', S3Key: 'k', S3ObjectVersion: '1' },
  ],
  ['in the template', '{InlineCode: x}', { ZipFile: 'x' }],
  ['an image', '{PackageType: Image, ImageUri: a/b}', { ImageUri: 'a/b' }],
];

for (const [name, properties, code] of CODES) {
  void test(`keeps code that is no directory: ${name}`, () => {
    const made = propertiesOf(read(functionOf(properties)), 'F') as { readonly Code: unknown };
    assert.deepEqual(made.Code, code);
  });
}

void test('finds code beside the template, whatever the directory that one is in', () => {
  const template = read(functionOf('{CodeUri: ./src/../src/, Handler: a.b}'), {}, { 'src/a.js': '' });
  const { Code } = propertiesOf(template, 'F') as { readonly Code: { readonly Directory: string } };
  assert.match(Code.Directory, /^\/.*\/template-[^/]+\/src$/);
});

void test('runs a single file where it is', () => {
  const template = read(functionOf('{Handler: app.handler, CodeUri: src/app.js}'), {}, { 'src/app.js': '' });
  const { Code } = propertiesOf(template, 'F') as { readonly Code: { readonly Directory: string } };
  assert.match(Code.Directory, /\/src$/);
});

void test('says at which line code is named that is not there, or is no directory', () => {
  const text = functionOf('{Handler: a.b,\n      CodeUri: gone}');
  assert.deepEqual(problemsOf(text), ["6: the code of function 'F', gone, is not there"]);
  const packed = { 'code.zip': '' };
  assert.throws(() => read(functionOf('{Handler: a.b, CodeUri: code.zip}'), {}, packed), {
    message: /:5: the code of function 'F', code\.zip, is a file; name the directory that was packed into it$/,
  });
});

const HANDLERS: readonly (readonly [entryPoints: string, handler: string, made: string])[] = [
  ['[app.ts]', 'app.handler', 'app.handler'],
  ['[src/app.ts]', 'app.handler', 'src/app.handler'],
  ['[./src/app.ts]', 'app.handler', 'src/app.handler'],
  ['[src/a/one.ts, src/b/two.ts]', 'b/two.handler', 'src/b/two.handler'],
  ['[src/a/one.ts, src/b/two.ts]', 'two.handler', 'src/b/two.handler'],
  ['[src/app.ts]', 'other.handler', 'other.handler'],
];

for (const [entryPoints, handler, made] of HANDLERS) {
  void test(`finds the source of ${handler} in ${entryPoints}`, () => {
    const metadata = `    Metadata: {BuildMethod: esbuild, BuildProperties: {EntryPoints: ${entryPoints}}}\n`;
    const properties = propertiesOf(read(functionOf(`{InlineCode: x, Handler: ${handler}}`, metadata)), 'F');
    assert.equal((properties as { readonly Handler: string }).Handler, made);
  });
}

void test('lists what it leaves out of a function, and what needs nothing here', () => {
  const text = functionOf(
    '{InlineCode: x, Handler: a.b, Policies: [AWSLambdaExecute], DeadLetterQueue: {Type: SQS}, Events: {Q: {Type: SQS, Properties: {Queue: !GetAtt G.Arn}}, H: {Type: HttpApi}}}',
    '    Metadata: {BuildMethod: makefile}\n',
  );
  const { resources, notCarried, notNeeded } = read(`${text}  G: {Type: AWS::SQS::Queue}\n`);
  assert.deepEqual(
    notCarried.map(({ type }) => type),
    ['DeadLetterQueue', 'Events.Q', 'Events.H', 'BuildMethod makefile'].map(
      (part) => `AWS::Serverless::Function ${part}`,
    ),
  );
  assert.deepEqual(
    notNeeded.map(({ type, place }) => [type, place.line]),
    [['AWS::Serverless::Function Policies', 6]],
  );
  const api = resources.find(({ logicalId }) => logicalId === 'ServerlessHttpApi');
  assert.equal(api?.type, 'AWS::Serverless::HttpApi');
  const own = read(
    `${text}  G: {Type: AWS::SQS::Queue}\n  ServerlessHttpApi: {Type: AWS::Serverless::HttpApi}\n`,
  ).resources;
  assert.equal(own.filter(({ logicalId }) => logicalId === 'ServerlessHttpApi').length, 1);
});

void test('gives a function a role that others may ask for, and its aliases its own ARN', () => {
  const text = `${functionOf('{InlineCode: x, Handler: a.b, AutoPublishAlias: live}')}Outputs:\n  R: {Value: !GetAtt FRole.Arn}\n  A: {Value: !Ref F.Alias}\n  V: {Value: !Sub "\${F.Version}"}\n`;
  const { outputs, resources } = read(text);
  const own = { kind: 'attribute', logicalId: 'F', name: 'Arn', line: 8 };
  assert.deepEqual(outputs[1]!.value, own);
  assert.deepEqual(
    resources.map(({ type }) => type),
    ['AWS::IAM::Role', 'AWS::Lambda::Function'],
  );
});

void test('lets names that SAM makes of what is not made stand for it', () => {
  const text = `${functionOf('{InlineCode: x, Handler: a.b, AutoPublishAlias: live}')}  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: Prod}}\n  T:\n    Type: AWS::SNS::Topic\n    DependsOn: [RestProdStage, FAliaslive]\n    Properties: {A: !Ref Rest.Stage, B: !Ref FAliaslive}\n`;
  const template = read(text);
  assert.deepEqual(propertiesOf(template, 'T'), { A: { Ref: 'Rest' }, B: { 'Fn::GetAtt': 'F.Arn' } });
  const { dependsOn } = template.resources.find(({ logicalId }) => logicalId === 'T')!;
  assert.deepEqual(dependsOn, ['Rest', 'F']);
});

void test('merges Globals as SAM does', () => {
  const text = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 9
    Runtime: nodejs22.x
    Layers: [one]
    Environment: {Variables: {A: 1, B: !Ref AWS::Region}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: x, Handler: a.b, Runtime: python3.12, Layers: [two], Environment: {Variables: {B: 2, C: 3}}}
  G:
    Type: AWS::Serverless::Function
    IgnoreGlobals: '*'
    Properties: {InlineCode: x, Handler: a.b}
`;
  const template = read(text);
  const { Timeout, Runtime, Layers, Environment } = propertiesOf(template, 'F') as Record<string, unknown>;
  assert.deepEqual(
    [Timeout, Runtime, Layers, Environment],
    [9, 'python3.12', ['one', 'two'], { Variables: { A: 1, B: 2, C: 3 } }],
  );
  assert.deepEqual(Object.keys(propertiesOf(template, 'G') as object), ['Handler', 'Code', 'Role']);
});

void test('makes a table of one key', () => {
  const text = `${HEAD}  T: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: pk, Type: Number}, Tags: {a: b}}}\n`;
  assert.deepEqual(propertiesOf(read(text), 'T'), {
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'N' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    Tags: [{ Key: 'a', Value: 'b' }],
  });
});

void test('names the stage of an API by itself where SAM does', () => {
  const namesOf = (stage: string) =>
    read(apiOf(`{${SELECTION}, ${ROUTES}${stage}}`))
      .resources.filter(({ type }) => type === 'AWS::ApiGatewayV2::Stage')
      .map(({ logicalId }) => logicalId);
  assert.deepEqual(namesOf(''), ['ADefaultStage']);
  assert.deepEqual(namesOf(', StageName: default'), ['ADefaultStage']);
  assert.deepEqual(namesOf(', StageName: prod'), ['AprodStage']);
  assert.deepEqual(namesOf(', StageName: !Ref F'), ['AStage']);
});

void test('lets $connect ask for a signature', () => {
  const routes = 'Routes: {$connect: {FunctionArn: !GetAtt F.Arn}, $default: {FunctionArn: !GetAtt F.Arn}}';
  const template = read(apiOf(`{${SELECTION}, ${routes}, Auth: {AuthType: AWS_IAM}}`));
  const typeOf = (logicalId: string) =>
    (propertiesOf(template, logicalId) as Record<string, unknown>)['AuthorizationType'];
  assert.deepEqual([typeOf('AConnectRoute'), typeOf('ADefaultRoute')], ['AWS_IAM', undefined]);
});

void test('puts the records of two APIs of one zone into one group, and two base paths of one domain behind one name', () => {
  const domain = (name: string, path: string) =>
    `Domain: {DomainName: ${name}, CertificateArn: arn, BasePath: ${path}, Route53: {HostedZoneId: Z1}}`;
  const api = (id: string, name: string, path: string) =>
    `  ${id}: {Type: AWS::Serverless::WebSocketApi, Properties: {${SELECTION}, ${ROUTES}, ${domain(name, path)}}}\n`;
  const text = `${functionOf('{InlineCode: x, Handler: a.b}')}${api('A', 'a.example.com', 'one')}${api('B', 'b.example.com', 'one')}${api('C', 'a.example.com', 'two')}`;
  const { resources } = read(text);
  const count = (type: string) => resources.filter((one) => one.type === type).length;
  assert.deepEqual([count('AWS::ApiGatewayV2::DomainName'), count('AWS::ApiGatewayV2::ApiMapping')], [2, 3]);
  const [group, ...more] = resources.filter(({ type }) => type === 'AWS::Route53::RecordSetGroup');
  assert.equal(more.length, 0);
  const records = group!.properties.entries.get('RecordSets');
  assert.equal(records?.kind === 'list' && records.items.length, 2);
});

const REFUSED: readonly (readonly [name: string, text: string, problems: readonly string[]])[] = [
  [
    'its types without its transform',
    'Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: a.b}}\n',
    ["2: AWS::Serverless::Function needs the line 'Transform: AWS::Serverless-2016-10-31' at the top of the template"],
  ],
  [
    'a property of a function',
    functionOf('{InlineCode: x, Hander: a.b}'),
    ["5: AWS::Serverless::Function has no property Hander; did you mean 'Handler'?"],
  ],
  ['no routes', apiOf(`{${SELECTION}}`), ["4: the WebSocket API 'A' must have one route at least, below Routes"]],
  [
    'no selection',
    apiOf(`{${ROUTES}}`),
    ["4: the WebSocket API 'A' has no RouteSelectionExpression, such as $request.body.action"],
  ],
  [
    'a route without a function',
    apiOf(`{${SELECTION}, Routes: {$default: {}}}`),
    ['6: route $default has no FunctionArn'],
  ],
  [
    'a route key with a dash',
    apiOf(`{${SELECTION}, Routes: {send-it: {FunctionArn: !GetAtt F.Arn}}}`),
    [
      "6: SAM takes route keys of letters and digits, and $connect, $disconnect, $default; 'send-it' needs an AWS::ApiGatewayV2::Route of its own",
    ],
  ],
  [
    'two route keys of one name',
    apiOf(`{${SELECTION}, Routes: {sendIt: {FunctionArn: x},\n        sendit: {FunctionArn: x}}}`),
    ['Route', 'Integration', 'Permission'].map(
      (what) => `7: SAM makes a resource 'ASendit${what}' of this, and there is one of that name at line 6`,
    ),
  ],
  [
    '$default for a stage',
    apiOf(`{${SELECTION}, ${ROUTES}, StageName: $default}`),
    ['6: a stage of a WebSocket API cannot be called $default'],
  ],
  [
    'Auth without $connect',
    apiOf(`{${SELECTION}, ${ROUTES}, Auth: {AuthType: AWS_IAM}}`),
    ['6: Auth needs a route $connect, the only one that is authorized'],
  ],
  ['Auth of no type', apiOf(`{${SELECTION}, ${ROUTES}, Auth: {}}`), ['6: Auth has no AuthType: NONE, AWS_IAM, CUSTOM']],
  [
    'a domain without a certificate',
    apiOf(`{${SELECTION}, ${ROUTES}, Domain: {DomainName: a.b}}`),
    ['6: Domain needs both a DomainName and a CertificateArn'],
  ],
  [
    'a base path of other letters',
    apiOf(`{${SELECTION}, ${ROUTES}, Domain: {DomainName: a.b, CertificateArn: c, BasePath: [a.b]}}`),
    ["6: BasePath has letters, digits, '/', '-' and '_' alone, not 'a.b'"],
  ],
  [
    'a section of Globals',
    'Transform: AWS::Serverless-2016-10-31\nGlobals:\n  Functions: {}\n  Function: {Policies: []}\n  WebSocketApi: {Name: a}\nResources: {A: {Type: AWS::SNS::Topic}}\n',
    [
      "3: Globals have no section Functions; did you mean 'Function'?",
      '4: Policies is nothing that Globals of Function may say',
      '5: Name is nothing that Globals of WebSocketApi may say',
    ],
  ],
];

for (const [name, text, problems] of REFUSED) {
  void test(`refuses ${name}`, () => {
    assert.deepEqual(problemsOf(text), problems);
  });
}
