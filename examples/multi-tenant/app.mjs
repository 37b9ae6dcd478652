// The stack as one writes it for the CDK. `cdk synth` makes cdk.out/ of it, which is what is deployed.

import { App, CfnOutput, CfnParameter, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';

const ZONE = 'tenants.example.com';

class MultiTenant extends Stack {
  constructor(scope, id) {
    super(scope, id);
    const backend = new CfnParameter(this, 'BackendUrl', { description: 'The HTTP server that is told every event' });

    const api = new apigateway.WebSocketApi(this, 'Api', { apiName: 'tenants' });
    // The construct library has no HTTP integration for WebSocket APIs: one level below it there is.
    const integration = new apigateway.CfnIntegration(this, 'Backend', {
      apiId: api.apiId,
      integrationType: 'HTTP_PROXY',
      integrationMethod: 'POST',
      integrationUri: backend.valueAsString,
      requestParameters: {
        'integration.request.header.x-tenant': 'context.domainPrefix',
        'integration.request.header.x-event': 'context.eventType',
        'integration.request.header.x-connection-id': 'context.connectionId',
      },
    });
    for (const [name, routeKey] of [
      ['Connect', '$connect'],
      ['Disconnect', '$disconnect'],
      ['Message', '$default'],
    ]) {
      const route = new apigateway.CfnRoute(this, `${name}Route`, {
        apiId: api.apiId,
        routeKey,
        target: `integrations/${integration.ref}`,
        ...(name === 'Message' && { routeResponseSelectionExpression: '$default' }),
      });
      if (name !== 'Message') continue;
      new apigateway.CfnRouteResponse(this, 'Reply', {
        apiId: api.apiId,
        routeId: route.ref,
        routeResponseKey: '$default',
      });
    }

    const zone = new HostedZone(this, 'Zone', { zoneName: ZONE });
    const domainName = new apigateway.DomainName(this, 'Wildcard', {
      domainName: `*.${ZONE}`,
      certificate: new Certificate(this, 'Certificate', {
        domainName: `*.${ZONE}`,
        validation: CertificateValidation.fromDns(zone),
      }),
    });
    new apigateway.WebSocketStage(this, 'Stage', {
      webSocketApi: api,
      stageName: 'prod',
      autoDeploy: true,
      domainMapping: { domainName },
    });
    new ARecord(this, 'Record', {
      zone,
      recordName: '*',
      target: RecordTarget.fromAlias(
        new ApiGatewayv2DomainProperties(domainName.regionalDomainName, domainName.regionalHostedZoneId),
      ),
    });
    new CfnOutput(this, 'WebSocketUrl', { value: `wss://TENANT.${ZONE}` });
  }
}

new MultiTenant(new App(), 'multi-tenant');
