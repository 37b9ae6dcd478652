# The parts of a WebSocket API with boto3 as Debian ships it, unmodified: each is made, updated and read, and the operations that take
# something away are called once. Prints one JSON object of what it saw; control-clients.test.ts says what that must be.

import argparse
import json

import boto3
import botocore.exceptions

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:chat"
INVOCATIONS = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"


def seen(response):
    """A response as it came, with its HTTP status; dates are left out."""
    members = {key: value for key, value in response.items() if key != "ResponseMetadata" and not key.endswith("Date")}
    return {"status": response["ResponseMetadata"]["HTTPStatusCode"], **members}


def refusal(call, **arguments):
    """The exception of a refused call; `type` is ClientError when boto3 could not tell which one it is."""
    try:
        return {"type": None, "answer": seen(call(**arguments))}
    except botocore.exceptions.ClientError as error:
        answer = error.response
        return {
            "type": type(error).__name__,
            "status": answer["ResponseMetadata"]["HTTPStatusCode"],
            "message": answer["Error"]["Message"],
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True, help="URL of the control port")
    arguments = parser.parse_args()
    client = boto3.client("apigatewayv2", endpoint_url=arguments.endpoint, region_name="us-east-1")
    api = client.create_api(Name="boto3", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")
    scope = {"ApiId": api["ApiId"]}
    saw = {}

    stage = {**scope, "StageName": "live"}
    client.create_stage(**stage, AutoDeploy=True)
    integration = {**scope, "IntegrationId": client.create_integration(
        **scope, IntegrationType="AWS_PROXY", IntegrationUri=INVOCATIONS
    )["IntegrationId"]}
    saw["integration"] = seen(client.update_integration(
        **integration,
        IntegrationType="MOCK",
        ContentHandlingStrategy="CONVERT_TO_TEXT",
        RequestTemplates={"$default": '{"statusCode": 200}'},
    ))
    response = {**integration, "IntegrationResponseId": client.create_integration_response(
        **integration, IntegrationResponseKey="/2\\d\\d/"
    )["IntegrationResponseId"]}
    saw["integrationResponse"] = seen(client.update_integration_response(
        **response, IntegrationResponseKey="$default", ResponseTemplates={"$default": "hello"}
    ))
    route = {**scope, "RouteId": client.create_route(**scope, RouteKey="$connect", RequestParameters={
        "route.request.header.x-a": {"Required": True},
        "route.request.querystring.b": {"Required": False},
    })["RouteId"]}
    saw["route"] = seen(client.update_route(
        **route, OperationName="Connect", Target=f"integrations/{integration['IntegrationId']}"
    ))
    saw["deleteRouteRequestParameter"] = seen(client.delete_route_request_parameter(
        **route, RequestParameterKey="route.request.header.x-a"
    ))
    saw["routeAfter"] = seen(client.get_route(**route))
    route_response = {**route, "RouteResponseId": client.create_route_response(
        **route, RouteResponseKey="$default"
    )["RouteResponseId"]}
    saw["routeResponse"] = seen(client.update_route_response(**route_response, ResponseModels={"a": "Any"}))

    saw["stage"] = seen(client.get_stage(**stage))
    saw["stageUpdated"] = seen(client.update_stage(
        **stage,
        AutoDeploy=False,
        RouteSettings={"$connect": {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 1.5}},
    ))
    deployment = {**scope, "DeploymentId": saw["stage"]["DeploymentId"]}
    saw["deployment"] = seen(client.update_deployment(**deployment, Description="by hand"))
    saw["deleteRouteSettings"] = seen(client.delete_route_settings(**stage, RouteKey="$connect"))
    saw["deleteAccessLogSettings"] = seen(client.delete_access_log_settings(**stage))
    saw["refusals"] = {
        "resetAuthorizersCache": refusal(client.reset_authorizers_cache, **stage),
        "deleteCorsConfiguration": refusal(client.delete_cors_configuration, **scope),
        "reimportApi": refusal(client.reimport_api, **scope, Body="{}"),
        "exportApi": refusal(client.export_api, **scope, Specification="OAS30", OutputType="JSON"),
        "updateRoute": refusal(client.update_route, **scope, RouteId="nosuch0"),
        "updateTarget": refusal(client.update_route, **route, Target="integrations/nosuch0"),
        "importApi": refusal(client.import_api, Body="{}"),
    }
    print(json.dumps(saw))


main()
