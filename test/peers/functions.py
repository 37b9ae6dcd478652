# Lambda, and the API keys of a WebSocket API (the REST API's operations), with boto3 as Debian ships it, unmodified. Prints one JSON
# object of what it saw; boto3-functions.test.ts says what that must be.

import argparse
import base64
import json
import time

import boto3
from boto3_answers import refusal, seen


def invoke(client, name, **arguments):
    """What a function gave, read as a program reads it."""
    response = seen(client.invoke(FunctionName=name, **arguments))
    text = response.pop("Payload").read().decode()
    log = response.pop("LogResult", None)
    return {
        **response,
        "payload": json.loads(text) if text else None,
        "log": base64.b64decode(log).decode().splitlines() if log else None,
    }


def functions(client):
    pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    return {
        "returned": invoke(client, "greet", Payload=json.dumps({"name": "ö"}), LogType="Tail"),
        "failed": invoke(client, "fails", Payload=b"{}"),
        "event": invoke(client, "greet", Payload=b'{"name": "x"}', InvocationType="Event"),
        "dry": invoke(client, "greet", InvocationType="DryRun"),
        "gone": refusal(client.invoke, FunctionName="gone"),
        "noJson": refusal(client.invoke, FunctionName="greet", Payload=b"{"),
        "pages": [[one["FunctionName"] for one in page["Functions"]] for page in pages],
        "versions": [one["FunctionArn"] for one in client.list_functions(FunctionVersion="ALL")["Functions"]],
        "elsewhere": client.list_functions(MasterRegion="eu-west-1", FunctionVersion="ALL")["Functions"],
        "listed": client.list_functions()["Functions"][0],
        "badMarker": refusal(client.list_functions, Marker="x"),
        "tooMany": refusal(client.list_functions, MaxItems=10001),
        "function": seen(client.get_function(FunctionName="greet")),
        "configuration": seen(client.get_function_configuration(FunctionName="greet", Qualifier="$LATEST")),
    }


def keys(client, api, stage):
    key = client.create_api_key(name="anne", enabled=True, tags={"team": "chat"})
    plan = client.create_usage_plan(
        name="free",
        apiStages=[{"apiId": api, "stage": stage}],
        throttle={"rateLimit": 10, "burstLimit": 20},
        quota={"limit": 100, "period": "DAY"},
    )
    plan_key = client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    usage = client.get_usage(usagePlanId=plan["id"], startDate=today, endDate=today)
    again = refusal(client.create_usage_plan_key, usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    saw = {
        "key": seen(key),
        "plan": seen(plan),
        "planKey": seen(plan_key),
        "usage": {**seen(usage), "today": today},
        "again": again,
        "keys": [one["name"] for page in client.get_paginator("get_api_keys").paginate() for one in page["items"]],
        "value": client.get_api_key(apiKey=key["id"], includeValue=True)["value"],
    }
    client.delete_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"])
    client.update_usage_plan(
        usagePlanId=plan["id"],
        patchOperations=[{"op": "remove", "path": "/apiStages", "value": f"{api}:{stage}"}],
    )
    client.delete_usage_plan(usagePlanId=plan["id"])
    client.delete_api_key(apiKey=key["id"])
    saw["gone"] = refusal(client.get_api_key, apiKey=key["id"])
    saw["left"] = [client.get_api_keys()["items"], client.get_usage_plans()["items"]]
    return saw


def main():
    parser = argparse.ArgumentParser()
    for name in ("endpoint", "api", "stage"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    client = lambda service: boto3.client(service, endpoint_url=options.endpoint, region_name="us-east-1")
    saw = {"functions": functions(client("lambda")), "keys": keys(client("apigateway"), options.api, options.stage)}
    print(json.dumps(saw, default=str))


main()
