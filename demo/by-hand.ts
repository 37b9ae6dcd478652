// The chain as AWS CLI commands for a shell: to be read, copied, and run. A test runs exactly these lines.

export interface ByHandOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly zone: string;
  readonly domainName: string;
  readonly mappingKey: string;
  /** An HTTP backend; without one, a MOCK integration answers. */
  readonly backendUrl: string | undefined;
}

function changeBatch(recordSet: string): string {
  return `'{"Changes":[{"Action":"UPSERT","ResourceRecordSet":${recordSet}}]}'`;
}

/** Lines of bash. Variables carry what one command answers to the next. */
export function commandsByHand(options: ByHandOptions): string[] {
  const { endpoint, region, zone, domainName, mappingKey, backendUrl } = options;
  const aws = `aws --endpoint-url ${endpoint}`;
  const cname = `{"Name":"'$NAME'","Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"'$VALUE'"}]}`;
  const alias =
    `{"Name":"${domainName}","Type":"A","AliasTarget":{"HostedZoneId":"'$REGIONAL_ZONE'",` +
    `"DNSName":"'$REGIONAL_NAME'","EvaluateTargetHealth":false}}`;
  return [
    `export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=${region} AWS_PAGER=`,
    `ZONE=$(${aws} route53 create-hosted-zone --name ${zone} --caller-reference by-hand-$(date +%s) --query HostedZone.Id --output text)`,
    `CERTIFICATE=$(${aws} acm request-certificate --domain-name ${domainName} --validation-method DNS --query CertificateArn --output text)`,
    `read NAME VALUE < <(${aws} acm describe-certificate --certificate-arn $CERTIFICATE --query 'Certificate.DomainValidationOptions[0].ResourceRecord.[Name,Value]' --output text)`,
    `${aws} route53 change-resource-record-sets --hosted-zone-id $ZONE --change-batch ${changeBatch(cname)}`,
    `${aws} acm wait certificate-validated --certificate-arn $CERTIFICATE`,
    `API=$(${aws} apigatewayv2 create-api --name by-hand --protocol-type WEBSOCKET --route-selection-expression '$request.body.action' --query ApiId --output text)`,
    ...integrationLines(aws, backendUrl),
    `ROUTE=$(${aws} apigatewayv2 create-route --api-id $API --route-key '$default' --target integrations/$INTEGRATION --query RouteId --output text)`,
    `${aws} apigatewayv2 create-route-response --api-id $API --route-id $ROUTE --route-response-key '$default'`,
    `${aws} apigatewayv2 create-stage --api-id $API --stage-name production`,
    `${aws} apigatewayv2 create-deployment --api-id $API --stage-name production`,
    `read REGIONAL_NAME REGIONAL_ZONE < <(${aws} apigatewayv2 create-domain-name --domain-name ${domainName} --domain-name-configurations CertificateArn=$CERTIFICATE --query 'DomainNameConfigurations[0].[ApiGatewayDomainName,HostedZoneId]' --output text)`,
    `${aws} apigatewayv2 create-api-mapping --domain-name ${domainName} --api-mapping-key ${mappingKey} --api-id $API --stage production`,
    `${aws} route53 change-resource-record-sets --hosted-zone-id $ZONE --change-batch ${changeBatch(alias)}`,
  ];
}

function integrationLines(aws: string, backendUrl: string | undefined): string[] {
  const create = `${aws} apigatewayv2 create-integration --api-id $API`;
  if (backendUrl !== undefined) {
    const headers = [
      'connection-id=context.connectionId',
      'domain-name=context.domainName',
      'stage=context.stage',
      'event=context.eventType',
    ];
    const parameters = headers.map((header) => `integration.request.header.x-${header}`).join(',');
    return [
      `INTEGRATION=$(${create} --integration-type HTTP_PROXY --integration-method POST --integration-uri ${backendUrl} --request-parameters ${parameters} --query IntegrationId --output text)`,
    ];
  }
  return [
    `INTEGRATION=$(${create} --integration-type MOCK --request-templates '{"$default":"{\\"statusCode\\":200}"}' --query IntegrationId --output text)`,
    `${aws} apigatewayv2 create-integration-response --api-id $API --integration-id $INTEGRATION --integration-response-key '$default' --response-templates '{"$default":"hello from the mock"}'`,
  ];
}
