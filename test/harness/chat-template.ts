// A SAM template of two functions behind a WebSocket API, in the shape of the public samples, with the code of its functions.

export const CHAT_CODE: Readonly<Record<string, string>> = {
  'src/connect.js': 'exports.handler = async () => ({ statusCode: 200 });\n',
  'src/send.js': `exports.handler = async (event) => ({ statusCode: 200, body: process.env.GREETING + ' ' + JSON.parse(event.body).say });\n`,
};

const invocations = (name: string) =>
  `arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${${name}.Arn}/invocations`;
const resource = (Type: string, Properties: object, more: object = {}) => ({ Type, Properties, ...more });
const ref = (Ref: string) => ({ Ref });
const sub = (text: string) => ({ 'Fn::Sub': text });

/** The resources by logical id: a test changes what it wants. */
export function chatResources(greeting = 'hello'): Record<string, object> {
  const route = (name: string, RouteKey: string) => ({
    [`${name}Integration`]: resource('AWS::ApiGatewayV2::Integration', {
      ApiId: ref('Chat'),
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: sub(invocations(`${name}Function`)),
    }),
    [`${name}Route`]: resource('AWS::ApiGatewayV2::Route', {
      ApiId: ref('Chat'),
      RouteKey,
      Target: sub(`integrations/\${${name}Integration}`),
      ...(RouteKey === 'send' && { RouteResponseSelectionExpression: '$default' }),
    }),
    [`${name}Function`]: resource('AWS::Serverless::Function', {
      CodeUri: 'src/',
      Handler: `${name.toLowerCase()}.handler`,
      Runtime: 'nodejs22.x',
      Environment: { Variables: { GREETING: greeting } },
    }),
    [`${name}Permission`]: resource('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: ref(`${name}Function`),
      Principal: 'apigateway.amazonaws.com',
    }),
  });
  return {
    Chat: resource('AWS::ApiGatewayV2::Api', {
      Name: 'chat',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    }),
    ...route('Connect', '$connect'),
    ...route('Send', 'send'),
    SendResponse: resource('AWS::ApiGatewayV2::RouteResponse', {
      ApiId: ref('Chat'),
      RouteId: ref('SendRoute'),
      RouteResponseKey: '$default',
    }),
    Deployment: resource(
      'AWS::ApiGatewayV2::Deployment',
      { ApiId: ref('Chat') },
      { DependsOn: ['ConnectRoute', 'SendRoute'] },
    ),
    Stage: resource('AWS::ApiGatewayV2::Stage', {
      ApiId: ref('Chat'),
      StageName: 'dev',
      DeploymentId: ref('Deployment'),
    }),
  };
}

export function chatTemplate(resources = chatResources()): object {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Resources: resources,
    Outputs: { Url: { Value: sub('wss://${Chat}.execute-api.${AWS::Region}.amazonaws.com/${Stage}') } },
  };
}
