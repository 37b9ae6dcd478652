// All operations that are there, by service and AWS's name. An operation that is not in this table answers NotImplemented.
// docs/operations.md is generated from it.

import type { ServiceName } from '../../protocol/wire/model.ts';
import { addTagsToCertificate } from './acm/add-tags-to-certificate.ts';
import { deleteCertificate } from './acm/delete-certificate.ts';
import { describeCertificate } from './acm/describe-certificate.ts';
import { exportCertificate } from './acm/export-certificate.ts';
import { getAccountConfiguration } from './acm/get-account-configuration.ts';
import { getCertificate } from './acm/get-certificate.ts';
import { importCertificate } from './acm/import-certificate.ts';
import { listCertificateDomainValidations } from './acm/list-certificate-domain-validations.ts';
import { listCertificates } from './acm/list-certificates.ts';
import { listTagsForCertificate } from './acm/list-tags-for-certificate.ts';
import { putAccountConfiguration } from './acm/put-account-configuration.ts';
import { removeTagsFromCertificate } from './acm/remove-tags-from-certificate.ts';
import { renewCertificate } from './acm/renew-certificate.ts';
import { requestCertificate } from './acm/request-certificate.ts';
import { resendValidationEmail } from './acm/resend-validation-email.ts';
import { updateCertificateOptions } from './acm/update-certificate-options.ts';
import { autoDeploying } from './apigatewayv2/auto-deploy.ts';
import { createApiMapping } from './apigatewayv2/create-api-mapping.ts';
import { createApi } from './apigatewayv2/create-api.ts';
import { createAuthorizer } from './apigatewayv2/create-authorizer.ts';
import { deleteAuthorizer } from './apigatewayv2/delete-authorizer.ts';
import { getAuthorizer } from './apigatewayv2/get-authorizer.ts';
import { getAuthorizers } from './apigatewayv2/get-authorizers.ts';
import { updateAuthorizer } from './apigatewayv2/update-authorizer.ts';
import { createDeployment } from './apigatewayv2/create-deployment.ts';
import { createDomainName } from './apigatewayv2/create-domain-name.ts';
import { createIntegrationResponse } from './apigatewayv2/create-integration-response.ts';
import { createIntegration } from './apigatewayv2/create-integration.ts';
import { createModel } from './apigatewayv2/create-model.ts';
import { deleteModel } from './apigatewayv2/delete-model.ts';
import { getModel } from './apigatewayv2/get-model.ts';
import { getModels } from './apigatewayv2/get-models.ts';
import { getModelTemplate } from './apigatewayv2/get-model-template.ts';
import { updateModel } from './apigatewayv2/update-model.ts';
import { createVpcLink } from './apigatewayv2/create-vpc-link.ts';
import { deleteVpcLink } from './apigatewayv2/delete-vpc-link.ts';
import { getVpcLink } from './apigatewayv2/get-vpc-link.ts';
import { updateVpcLink } from './apigatewayv2/update-vpc-link.ts';
import { getVpcLinks } from './apigatewayv2/get-vpc-links.ts';
import { createRouteResponse } from './apigatewayv2/create-route-response.ts';
import { createRoute } from './apigatewayv2/create-route.ts';
import { createStage } from './apigatewayv2/create-stage.ts';
import { deleteApiMapping } from './apigatewayv2/delete-api-mapping.ts';
import { deleteApi } from './apigatewayv2/delete-api.ts';
import { deleteDeployment } from './apigatewayv2/delete-deployment.ts';
import { deleteDomainName } from './apigatewayv2/delete-domain-name.ts';
import { deleteIntegrationResponse } from './apigatewayv2/delete-integration-response.ts';
import { deleteIntegration } from './apigatewayv2/delete-integration.ts';
import { deleteRouteResponse } from './apigatewayv2/delete-route-response.ts';
import { deleteRoute } from './apigatewayv2/delete-route.ts';
import { deleteStage } from './apigatewayv2/delete-stage.ts';
import { getApiMapping } from './apigatewayv2/get-api-mapping.ts';
import { getApiMappings } from './apigatewayv2/get-api-mappings.ts';
import { getApi } from './apigatewayv2/get-api.ts';
import { getApis } from './apigatewayv2/get-apis.ts';
import { getDeployment } from './apigatewayv2/get-deployment.ts';
import { getDeployments } from './apigatewayv2/get-deployments.ts';
import { getDomainName } from './apigatewayv2/get-domain-name.ts';
import { getDomainNames } from './apigatewayv2/get-domain-names.ts';
import { getIntegrationResponse } from './apigatewayv2/get-integration-response.ts';
import { getIntegrationResponses } from './apigatewayv2/get-integration-responses.ts';
import { getIntegration } from './apigatewayv2/get-integration.ts';
import { getIntegrations } from './apigatewayv2/get-integrations.ts';
import { getRouteResponse } from './apigatewayv2/get-route-response.ts';
import { getRouteResponses } from './apigatewayv2/get-route-responses.ts';
import { getRoute } from './apigatewayv2/get-route.ts';
import { getRoutes } from './apigatewayv2/get-routes.ts';
import { getStage } from './apigatewayv2/get-stage.ts';
import { getStages } from './apigatewayv2/get-stages.ts';
import { updateApiMapping } from './apigatewayv2/update-api-mapping.ts';
import { getTags } from './apigatewayv2/get-tags.ts';
import { tagResource } from './apigatewayv2/tag-resource.ts';
import { untagResource } from './apigatewayv2/untag-resource.ts';
import { updateApi } from './apigatewayv2/update-api.ts';
import { updateDomainName } from './apigatewayv2/update-domain-name.ts';
import { updateStage } from './apigatewayv2/update-stage.ts';
import { deleteAccessLogSettings } from './apigatewayv2/delete-access-log-settings.ts';
import { deleteCorsConfiguration } from './apigatewayv2/delete-cors-configuration.ts';
import { deleteRouteRequestParameter } from './apigatewayv2/delete-route-request-parameter.ts';
import { deleteRouteSettings } from './apigatewayv2/delete-route-settings.ts';
import { exportApi } from './apigatewayv2/export-api.ts';
import { reimportApi } from './apigatewayv2/reimport-api.ts';
import { resetAuthorizersCache } from './apigatewayv2/reset-authorizers-cache.ts';
import { updateDeployment } from './apigatewayv2/update-deployment.ts';
import { updateIntegrationResponse } from './apigatewayv2/update-integration-response.ts';
import { updateIntegration } from './apigatewayv2/update-integration.ts';
import { updateRouteResponse } from './apigatewayv2/update-route-response.ts';
import { updateRoute } from './apigatewayv2/update-route.ts';
import { changeResourceRecordSets } from './route53/change-resource-record-sets.ts';
import { changeTagsForResource } from './route53/change-tags-for-resource.ts';
import { createHostedZone } from './route53/create-hosted-zone.ts';
import { deleteHostedZone } from './route53/delete-hosted-zone.ts';
import { getChange } from './route53/get-change.ts';
import { getDnssec } from './route53/get-dnssec.ts';
import { getHostedZoneCount } from './route53/get-hosted-zone-count.ts';
import { getHostedZone } from './route53/get-hosted-zone.ts';
import { listHostedZonesByName } from './route53/list-hosted-zones-by-name.ts';
import { listHostedZones } from './route53/list-hosted-zones.ts';
import { listResourceRecordSets } from './route53/list-resource-record-sets.ts';
import { listTagsForResource } from './route53/list-tags-for-resource.ts';
import { listTagsForResources } from './route53/list-tags-for-resources.ts';
import { testDnsAnswer } from './route53/test-dns-answer.ts';
import { updateHostedZoneComment } from './route53/update-hosted-zone-comment.ts';
import { getCallerIdentity } from './sts/get-caller-identity.ts';
import { getSessionToken } from './sts/get-session-token.ts';
import { REST_OPERATIONS } from './apigateway/rest-operations.ts';
import { resourceTags, type NamedOperation } from './resource-tags.ts';
import type { OperationRequest, OperationWorld, ServiceTable } from './operation.ts';

const APIGATEWAYV2: ServiceTable<'apigatewayv2'> = {
  CreateApiMapping: createApiMapping,
  CreateApi: createApi,
  CreateAuthorizer: createAuthorizer,
  DeleteAuthorizer: deleteAuthorizer,
  GetAuthorizer: getAuthorizer,
  GetAuthorizers: getAuthorizers,
  UpdateAuthorizer: updateAuthorizer,
  CreateDeployment: createDeployment,
  CreateDomainName: createDomainName,
  CreateIntegrationResponse: createIntegrationResponse,
  CreateIntegration: createIntegration,
  CreateModel: createModel,
  DeleteModel: deleteModel,
  GetModel: getModel,
  GetModels: getModels,
  GetModelTemplate: getModelTemplate,
  UpdateModel: updateModel,
  CreateVpcLink: createVpcLink,
  DeleteVpcLink: deleteVpcLink,
  GetVpcLink: getVpcLink,
  UpdateVpcLink: updateVpcLink,
  GetVpcLinks: getVpcLinks,
  CreateRouteResponse: createRouteResponse,
  CreateRoute: createRoute,
  CreateStage: createStage,
  DeleteApiMapping: deleteApiMapping,
  DeleteApi: deleteApi,
  DeleteDeployment: deleteDeployment,
  DeleteDomainName: deleteDomainName,
  DeleteIntegrationResponse: deleteIntegrationResponse,
  DeleteIntegration: deleteIntegration,
  DeleteRouteResponse: deleteRouteResponse,
  DeleteRoute: deleteRoute,
  DeleteStage: deleteStage,
  GetApiMapping: getApiMapping,
  GetApiMappings: getApiMappings,
  GetApi: getApi,
  GetApis: getApis,
  GetDeployment: getDeployment,
  GetDeployments: getDeployments,
  GetDomainName: getDomainName,
  GetDomainNames: getDomainNames,
  GetIntegrationResponse: getIntegrationResponse,
  GetIntegrationResponses: getIntegrationResponses,
  GetIntegration: getIntegration,
  GetIntegrations: getIntegrations,
  GetRouteResponse: getRouteResponse,
  GetRouteResponses: getRouteResponses,
  GetRoute: getRoute,
  GetRoutes: getRoutes,
  GetStage: getStage,
  GetStages: getStages,
  UpdateApiMapping: updateApiMapping,
  GetTags: getTags,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateApi: updateApi,
  UpdateDomainName: updateDomainName,
  UpdateStage: updateStage,
  DeleteAccessLogSettings: deleteAccessLogSettings,
  DeleteCorsConfiguration: deleteCorsConfiguration,
  DeleteRouteRequestParameter: deleteRouteRequestParameter,
  DeleteRouteSettings: deleteRouteSettings,
  ExportApi: exportApi,
  ReimportApi: reimportApi,
  ResetAuthorizersCache: resetAuthorizersCache,
  UpdateDeployment: updateDeployment,
  UpdateIntegrationResponse: updateIntegrationResponse,
  UpdateIntegration: updateIntegration,
  UpdateRouteResponse: updateRouteResponse,
  UpdateRoute: updateRoute,
};

const ACM: ServiceTable<'acm'> = {
  AddTagsToCertificate: addTagsToCertificate,
  DeleteCertificate: deleteCertificate,
  DescribeCertificate: describeCertificate,
  ExportCertificate: exportCertificate,
  GetAccountConfiguration: getAccountConfiguration,
  GetCertificate: getCertificate,
  ImportCertificate: importCertificate,
  ListCertificateDomainValidations: listCertificateDomainValidations,
  ListCertificates: listCertificates,
  ListTagsForCertificate: listTagsForCertificate,
  PutAccountConfiguration: putAccountConfiguration,
  RemoveTagsFromCertificate: removeTagsFromCertificate,
  RenewCertificate: renewCertificate,
  RequestCertificate: requestCertificate,
  ResendValidationEmail: resendValidationEmail,
  UpdateCertificateOptions: updateCertificateOptions,
};

const ROUTE53: ServiceTable<'route53'> = {
  ChangeResourceRecordSets: changeResourceRecordSets,
  ChangeTagsForResource: changeTagsForResource,
  CreateHostedZone: createHostedZone,
  DeleteHostedZone: deleteHostedZone,
  GetChange: getChange,
  GetDNSSEC: getDnssec,
  GetHostedZone: getHostedZone,
  GetHostedZoneCount: getHostedZoneCount,
  ListHostedZones: listHostedZones,
  ListHostedZonesByName: listHostedZonesByName,
  ListResourceRecordSets: listResourceRecordSets,
  ListTagsForResource: listTagsForResource,
  ListTagsForResources: listTagsForResources,
  TestDNSAnswer: testDnsAnswer,
  UpdateHostedZoneComment: updateHostedZoneComment,
};

const STS: ServiceTable<'sts'> = {
  GetCallerIdentity: getCallerIdentity,
  GetSessionToken: getSessionToken,
};

type AnyOperation = (input: never, request: OperationRequest, world: OperationWorld) => Promise<unknown>;

export const OPERATIONS: Readonly<Record<ServiceName, Readonly<Record<string, AnyOperation>>>> = {
  apigatewayv2: APIGATEWAYV2 as Record<string, AnyOperation>,
  apigateway: REST_OPERATIONS as Record<string, AnyOperation>,
  acm: ACM as Record<string, AnyOperation>,
  route53: ROUTE53 as Record<string, AnyOperation>,
  sts: STS as Record<string, AnyOperation>,
  // Served where the sockets are: by dataplane/callback/, on the TLS listener.
  apigatewaymanagementapi: {},
};

/** Binds the table to a world: what the control port asks for. */
export function bindOperations(world: OperationWorld) {
  const gatewayWorld: OperationWorld = { ...world, store: autoDeploying(world.store, world.clock) };
  return {
    tagsOf: (operation: NamedOperation, input: Readonly<Record<string, unknown>>, request: OperationRequest) =>
      resourceTags(world.store.view, operation, input, request),
    find(service: ServiceName, name: string) {
      const operations = OPERATIONS[service];
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      return (
        operation &&
        ((input: never, request: OperationRequest) =>
          operation(input, request, service === 'apigatewayv2' ? gatewayWorld : world))
      );
    },
  };
}
