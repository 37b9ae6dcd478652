// The parts of a WebSocket API with the AWS CLI command by command, and with boto3 in one run of test/peers/websocket_api.py, both as
// Debian ships them: every update, and every operation that takes something away.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';
import { ask, openSocket, pathForm } from '../harness/sockets.ts';

const SCRIPT = fileURLToPath(new URL('../peers/websocket_api.py', import.meta.url));
const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: REGION,
  AWS_PAGER: '',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  NO_PROXY: '*',
};
const STATUS_CODE = { IntegrationResponseSelectionExpression: '${integration.response.statuscode}' };

const gateway = await startTestGateway({ after });

describe('the AWS CLI', { skip: missing('aws') }, () => {
  /** Runs a command of apigatewayv2 to its end. */
  const run = (words: string, more: readonly string[]) =>
    runPeer(
      'aws',
      ['apigatewayv2', ...words.split(' '), ...more, '--output', 'json', '--endpoint-url', gateway.endpoint],
      ENVIRONMENT,
    );

  /** The parsed output of a command that must end with 0. */
  async function aws(words: string, ...more: string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await run(words, more);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, `aws apigatewayv2 ${words}`);
    return stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  }

  test('updates each part, and a stage that follows serves it at once', async () => {
    const selection = ['--route-selection-expression', '$request.body.action'];
    const { ApiId } = await aws('create-api --name cli --protocol-type WEBSOCKET', ...selection);
    const api = `--api-id ${String(ApiId)}`;
    const stage = `${api} --stage-name live`;
    await aws(`create-stage ${stage} --auto-deploy`);
    const { IntegrationId } = await aws(`create-integration ${api} --integration-type MOCK`);
    const integration = `${api} --integration-id ${String(IntegrationId)}`;
    const templates = ['--request-templates', JSON.stringify({ $default: '{"statusCode": 200}' })];
    const updated = await aws(`update-integration ${integration} --timeout-in-millis 500`, ...templates);
    assert.partialDeepStrictEqual(updated, { IntegrationId, TimeoutInMillis: 500, ...STATUS_CODE });
    const created = await aws(`create-integration-response ${integration} --integration-response-key /a/`);
    const inResponse = `${integration} --integration-response-id ${String(created['IntegrationResponseId'])}`;
    const answers = ['--response-templates', JSON.stringify({ $default: 'hello' })];
    const response = await aws(
      `update-integration-response ${inResponse} --integration-response-key $default`,
      ...answers,
    );
    assert.equal(response['IntegrationResponseKey'], '$default');
    const { RouteId } = await aws(`create-route ${api} --route-key first`);
    const route = `${api} --route-id ${String(RouteId)}`;
    const target = `--target integrations/${String(IntegrationId)}`;
    assert.equal((await aws(`update-route ${route} --route-key $default ${target}`))['RouteKey'], '$default');
    const replies = await aws(`create-route-response ${route} --route-response-key $default`);
    const inReply = `${route} --route-response-id ${String(replies['RouteResponseId'])}`;
    const models = ['--response-models', JSON.stringify({ a: 'Any' })];
    assert.deepEqual((await aws(`update-route-response ${inReply}`, ...models))['ResponseModels'], { a: 'Any' });

    const client = await openSocket(gateway, pathForm(gateway, { apiId: String(ApiId), stage: 'live' }));
    assert.equal(await ask(client, 'anything'), 'hello');
    client.socket.close();

    const settings = ['--route-settings', JSON.stringify({ $default: { ThrottlingBurstLimit: 5 } })];
    const stopped = await aws(`update-stage ${stage} --no-auto-deploy`, ...settings);
    assert.partialDeepStrictEqual(stopped, {
      AutoDeploy: false,
      RouteSettings: { $default: { ThrottlingBurstLimit: 5 } },
    });
    assert.deepEqual(await aws(`delete-route-settings ${stage} --route-key $default`), {});
    assert.deepEqual(await aws(`delete-access-log-settings ${stage}`), {});
    const deployment = `${api} --deployment-id ${String(stopped['DeploymentId'])}`;
    const described = await aws(`update-deployment ${deployment} --description again`);
    assert.deepEqual([described['Description'], described['AutoDeployed']], ['again', true]);

    const parameter = 'route.request.header.x-a';
    const required = ['--request-parameters', JSON.stringify({ [parameter]: { Required: true } })];
    const connect = await aws(`create-route ${api} --route-key $connect`, ...required);
    const inConnect = `${api} --route-id ${String(connect['RouteId'])}`;
    assert.deepEqual(await aws(`delete-route-request-parameter ${inConnect} --request-parameter-key ${parameter}`), {});
    for (const [words, refusal] of [
      [`reset-authorizers-cache ${stage}`, 'ResetAuthorizersCache is not supported on WEBSOCKET protocol Apis.'],
      [`delete-cors-configuration ${api}`, 'DeleteCorsConfiguration is not supported on WEBSOCKET protocol Apis.'],
    ] as const) {
      const { code, stderr } = await run(words, []);
      assert.equal(code, 254);
      assert.ok(stderr.includes(`(BadRequestException)`) && stderr.includes(refusal), stderr);
    }
  });
});

interface Saw extends Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  readonly refusals: Readonly<Record<string, object>>;
}

describe('boto3', { skip: missing('boto3') }, () => {
  test('updates each part, and raises its own exceptions', async () => {
    const { code, stdout, stderr } = await runPeer('boto3', [SCRIPT, '--endpoint', gateway.endpoint], ENVIRONMENT);
    assert.equal(code, 0, stderr);
    const saw = JSON.parse(stdout) as Saw;
    const integration = saw['integration']!;
    assert.partialDeepStrictEqual(integration, {
      status: 200,
      IntegrationType: 'MOCK',
      ContentHandlingStrategy: 'CONVERT_TO_TEXT',
      ...STATUS_CODE,
    });
    assert.partialDeepStrictEqual(saw['integrationResponse'], {
      status: 200,
      IntegrationResponseKey: '$default',
      ResponseTemplates: { $default: 'hello' },
    });
    const Target = `integrations/${String(integration['IntegrationId'])}`;
    const query = { 'route.request.querystring.b': { Required: false } };
    assert.partialDeepStrictEqual(saw['route'], { status: 200, OperationName: 'Connect', Target });
    assert.deepEqual(saw['deleteRouteRequestParameter'], { status: 204 });
    assert.deepEqual(saw['routeAfter']!['RequestParameters'], query);
    assert.partialDeepStrictEqual(saw['routeResponse'], { status: 200, ResponseModels: { a: 'Any' } });
    const DeploymentId = saw['stage']!['DeploymentId'];
    assert.partialDeepStrictEqual(saw['stage'], {
      AutoDeploy: true,
      LastDeploymentStatusMessage: `Successfully deployed stage with deployment ID '${String(DeploymentId)}'`,
    });
    assert.partialDeepStrictEqual(saw['stageUpdated'], {
      status: 200,
      AutoDeploy: false,
      DeploymentId,
      RouteSettings: { $connect: { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 1.5 } },
    });
    assert.deepEqual(saw['deployment'], {
      status: 200,
      AutoDeployed: true,
      DeploymentId,
      DeploymentStatus: 'DEPLOYED',
      Description: 'by hand',
    });
    assert.deepEqual(saw['deleteRouteSettings'], { status: 204 });
    assert.deepEqual(saw['deleteAccessLogSettings'], { status: 204 });
    const httpOnly = (operation: string) => ({
      type: 'BadRequestException',
      status: 400,
      message: `${operation} is not supported on WEBSOCKET protocol Apis.`,
    });
    assert.deepEqual(saw.refusals, {
      resetAuthorizersCache: httpOnly('ResetAuthorizersCache'),
      deleteCorsConfiguration: httpOnly('DeleteCorsConfiguration'),
      reimportApi: httpOnly('ReimportApi'),
      exportApi: httpOnly('ExportApi'),
      updateRoute: { type: 'NotFoundException', status: 404, message: 'Invalid Route identifier specified nosuch0' },
      updateTarget: {
        type: 'BadRequestException',
        status: 400,
        message: 'Invalid Integration identifier specified nosuch0',
      },
      importApi: {
        type: 'ClientError',
        status: 501,
        message: 'ImportApi is not available in this version of Sallyport.',
      },
    });
  });
});
