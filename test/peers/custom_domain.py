# The whole chain of a custom domain name with boto3 and websockets as Debian ships them, unmodified. Prints one JSON object
# of what they saw; boto3.test.ts says what that must be. Names below example.com are asked of the gateway's own DNS.

import argparse
import asyncio
import json
import socket
import ssl
import struct

import boto3
import websockets
from boto3_answers import refusal, seen

ZONE = "example.com"
DOMAIN = f"ws.{ZONE}"
WILDCARD = f"*.tenants.{ZONE}"
TENANT = f"cust7.tenants.{ZONE}"
NAMES = [DOMAIN, f"chat.{ZONE}", f"room.{ZONE}", WILDCARD]
ARN = "arn:aws:apigateway:us-east-1::/domainnames/"
STAGE = "test"
# The waiters' own delays are 30 and 60 seconds.
WAIT = {"Delay": 1, "MaxAttempts": 60}


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True, help="URL of the control port")
    parser.add_argument("--tls-port", required=True, type=int)
    parser.add_argument("--dns", required=True, help="address:port")
    parser.add_argument("--ca", required=True, help="file of the trusted roots")
    parser.add_argument("--dualstack-name", required=True, help="a domain name that a newer client made dualstack")
    return parser.parse_args()


def ask_gateway_dns(server):
    """Has every name of the zone looked up at this DNS server, by whatever looks names up in this process."""
    system = socket.getaddrinfo

    def look_up(host, port, *rest, **options):
        name = host.decode() if isinstance(host, bytes) else host
        known = isinstance(name, str) and name.endswith(f".{ZONE}")
        return system(query_a(server, name) if known else host, port, *rest, **options)

    socket.getaddrinfo = look_up


def query_a(server, name):
    address, port = server.rsplit(":", 1)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = labels + struct.pack("!BHH", 0, 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(10)
        asking.connect((address, int(port)))
        asking.send(struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0) + question)
        answer = asking.recv(512)
    if struct.unpack_from("!H", answer, 6) == (0,):
        raise socket.gaierror(socket.EAI_NONAME, f"{name} has no address")
    # An alias is answered by its address alone, so the address ends the message.
    return socket.inet_ntoa(answer[-4:])


class Chain:
    """The links, in the order of their making; each method returns what it saw."""

    def __init__(self, options):
        self.options = options
        self.acm = self.client("acm")
        self.route53 = self.client("route53")
        self.gateway = self.client("apigatewayv2")
        self.records = []

    def client(self, service, endpoint=None):
        url = endpoint or self.options.endpoint
        return boto3.client(service, endpoint_url=url, verify=self.options.ca, region_name="us-east-1")

    def management(self, host, path):
        return self.client("apigatewaymanagementapi", f"https://{host}:{self.options.tls_port}/{path}")

    def change(self, action, records):
        changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
        batch = {"Comment": action, "Changes": changes}
        changed = self.route53.change_resource_record_sets(HostedZoneId=self.zone_id, ChangeBatch=batch)
        self.route53.get_waiter("resource_record_sets_changed").wait(Id=changed["ChangeInfo"]["Id"], WaiterConfig=WAIT)
        return seen(changed)

    def upsert(self, records):
        self.records += records
        return self.change("UPSERT", records)

    def describe(self, arn):
        return self.acm.describe_certificate(CertificateArn=arn)["Certificate"]

    def make_zone(self):
        asked = {"Name": ZONE, "CallerReference": "boto3"}
        created = self.route53.create_hosted_zone(**asked)
        self.zone_id = created["HostedZone"]["Id"]
        return {"created": seen(created), "again": refusal(self.route53.create_hosted_zone, **asked)}

    def make_certificate(self):
        requested = self.acm.request_certificate(
            DomainName=DOMAIN, SubjectAlternativeNames=NAMES, ValidationMethod="DNS", KeyAlgorithm="RSA_2048"
        )
        self.arn = requested["CertificateArn"]
        pending = self.describe(self.arn)
        unproven = refusal(self.acm.get_certificate, CertificateArn=self.arn)

        def record(Name, Type, Value):
            return {"Name": Name, "Type": Type, "TTL": 60, "ResourceRecords": [{"Value": Value}]}

        change = self.upsert([record(**option["ResourceRecord"]) for option in pending["DomainValidationOptions"]])
        self.acm.get_waiter("certificate_validated").wait(CertificateArn=self.arn, WaiterConfig=WAIT)
        return {
            "requested": seen(requested),
            "pending": pending,
            "unproven": unproven,
            "change": change,
            "issued": self.describe(self.arn),
        }

    def make_second_certificate(self):
        """Proven by the record of the first: the record of a name is the same for every certificate."""
        self.second = self.acm.request_certificate(DomainName=DOMAIN, ValidationMethod="DNS")["CertificateArn"]
        self.acm.get_waiter("certificate_validated").wait(CertificateArn=self.second, WaiterConfig=WAIT)
        return self.describe(self.second)

    def make_api(self):
        created = self.gateway.create_api(
            Name="boto3", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
        )
        self.api_id = created["ApiId"]
        self.make_route("$default", {"$default": "hello from the mock"})
        # No response is configured, so the client is told of an error, and of its own connection id.
        self.make_route("who-am-i", {})
        stage = self.gateway.create_stage(ApiId=self.api_id, StageName=STAGE)
        deployment = self.gateway.create_deployment(ApiId=self.api_id, StageName=STAGE)
        return {"created": seen(created), "stage": seen(stage), "deployment": seen(deployment)}

    def make_route(self, key, responses):
        api = {"ApiId": self.api_id}
        integration = self.gateway.create_integration(
            **api, IntegrationType="MOCK", RequestTemplates={"$default": '{"statusCode": 200}'}
        )["IntegrationId"]
        for response, text in responses.items():
            self.gateway.create_integration_response(
                **api, IntegrationId=integration, IntegrationResponseKey=response, ResponseTemplates={"$default": text}
            )
        route = self.gateway.create_route(**api, RouteKey=key, Target=f"integrations/{integration}")
        self.gateway.create_route_response(**api, RouteId=route["RouteId"], RouteResponseKey="$default")

    def make_names(self):
        created = [
            self.gateway.create_domain_name(
                DomainName=name,
                DomainNameConfigurations=[{"CertificateArn": self.arn}],
                Tags={"team": "chat", "cost": "one"},
            )
            for name in NAMES
        ]
        return {"created": [seen(one) for one in created], "certificate": self.describe(self.arn)}

    def read_names(self):
        paginator = self.gateway.get_paginator("get_domain_names")
        pages = paginator.paginate(PaginationConfig={"PageSize": 2})
        return {
            "pages": [[one["DomainName"] for one in page["Items"]] for page in pages],
            "one": seen(self.gateway.get_domain_name(DomainName=DOMAIN)),
            "wildcard": seen(self.gateway.get_domain_name(DomainName=WILDCARD)),
        }

    def update_names(self):
        update = self.gateway.update_domain_name
        moved = update(DomainName=DOMAIN, DomainNameConfigurations=[{"CertificateArn": self.second}])
        # This boto3 is older than dual stack, and does not know that it resends less than there is.
        name = self.options.dualstack_name
        known = self.gateway.get_domain_name(DomainName=name)["DomainNameConfigurations"][0]
        kept = update(DomainName=name, DomainNameConfigurations=[{"CertificateArn": known["CertificateArn"]}])
        return {"moved": seen(moved), "kept": seen(kept)}

    def tag_names(self):
        def life(name):
            arn = ARN + name
            before = self.gateway.get_tags(ResourceArn=arn)
            tagged = self.gateway.tag_resource(ResourceArn=arn, Tags={"cost": "two", "zone": "a/b c=d"})
            between = self.gateway.get_tags(ResourceArn=arn)
            untagged = self.gateway.untag_resource(ResourceArn=arn, TagKeys=["team", "cost"])
            after = self.gateway.get_tags(ResourceArn=arn)
            return [seen(one) for one in (before, tagged, between, untagged, after)]

        return {"exact": life(DOMAIN), "wildcard": life(WILDCARD)}

    def make_mappings(self):
        name = {"DomainName": DOMAIN}
        to = {"ApiId": self.api_id, "Stage": STAGE}
        created = self.gateway.create_api_mapping(**name, **to, ApiMappingKey="v1")
        self.mapping = {**name, "ApiMappingId": created["ApiMappingId"]}
        self.gateway.create_api_mapping(**name, **to, ApiMappingKey="other/key")
        self.gateway.create_api_mapping(DomainName=WILDCARD, **to)
        first = self.gateway.get_api_mappings(**name, MaxResults="1")
        second = self.gateway.get_api_mappings(**name, MaxResults="1", NextToken=first["NextToken"])
        updated = self.gateway.update_api_mapping(**self.mapping, ApiId=self.api_id, ApiMappingKey="chat")
        return {
            "created": seen(created),
            "pages": [first["Items"], second["Items"]],
            "isLast": "NextToken" not in second,
            "updated": seen(updated),
            "read": seen(self.gateway.get_api_mapping(**self.mapping)),
            "wildcard": self.gateway.get_api_mappings(DomainName=WILDCARD)["Items"],
        }

    def make_aliases(self):
        def alias(name):
            to = self.gateway.get_domain_name(DomainName=name)["DomainNameConfigurations"][0]
            target = {
                "HostedZoneId": to["HostedZoneId"],
                "DNSName": to["ApiGatewayDomainName"],
                "EvaluateTargetHealth": False,
            }
            return {"Name": name, "Type": "A", "AliasTarget": target}

        change = self.upsert([alias(DOMAIN), alias(WILDCARD)])
        pages = self.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=self.zone_id)
        aliases = [one for page in pages for one in page["ResourceRecordSets"] if one["Type"] == "A"]
        return {"change": change, "aliases": aliases}

    async def talk(self, host, key):
        """A connection's life: a message, a callback, its status, and its end by a callback."""
        trust = ssl.create_default_context(cafile=self.options.ca)
        url = f"wss://{host}:{self.options.tls_port}/{key}"
        async with websockets.connect(url, ssl=trust) as client:
            await client.send('{"action":"hello"}')
            reply = await client.recv()
            await client.send('{"action":"who-am-i"}')
            told = json.loads(await client.recv())
            connection = {"ConnectionId": told["connectionId"]}
            management = self.management(host, key)
            posted = management.post_to_connection(**connection, Data=b"from the backend")
            pushed = await client.recv()
            status = management.get_connection(**connection)
            certificate = client.transport.get_extra_info("peercert")
            ended = management.delete_connection(**connection)
            await client.wait_closed()
        return {
            "certificate": certificate,
            "reply": reply,
            "told": told,
            "posted": seen(posted),
            "pushed": pushed,
            "connection": seen(status),
            "ended": seen(ended),
            "close": [client.close_code, client.close_reason],
            "gone": refusal(management.get_connection, **connection),
        }

    async def talk_unmapped(self):
        trust = ssl.create_default_context(cafile=self.options.ca)
        try:
            async with websockets.connect(f"wss://{DOMAIN}:{self.options.tls_port}/v1", ssl=trust):
                return None
        except websockets.InvalidStatusCode as refused:
            return refused.status_code

    def refusals(self):
        gateway, configuration = self.gateway, [{"CertificateArn": self.arn}]
        to = {"DomainName": DOMAIN, "ApiId": self.api_id, "Stage": STAGE}
        unknown = {"DomainName": f"none.{ZONE}"}
        create = gateway.create_domain_name
        return {
            "duplicateName": refusal(create, DomainName=DOMAIN, DomainNameConfigurations=configuration),
            "uncoveredName": refusal(create, **unknown, DomainNameConfigurations=configuration),
            "unknownName": refusal(gateway.get_domain_name, **unknown),
            "unknownNameDeleted": refusal(gateway.delete_domain_name, **unknown),
            "unknownNameMapped": refusal(gateway.create_api_mapping, **{**to, **unknown}),
            "keyInUse": refusal(gateway.create_api_mapping, **to, ApiMappingKey="chat"),
            "unknownApi": refusal(gateway.create_api_mapping, **{**to, "ApiId": "none"}),
            "unknownStage": refusal(gateway.create_api_mapping, **{**to, "Stage": "none"}),
            "mappedApi": refusal(gateway.delete_api, ApiId=self.api_id),
            "certificateInUse": refusal(self.acm.delete_certificate, CertificateArn=self.second),
            "zoneNotEmpty": refusal(self.route53.delete_hosted_zone, Id=self.zone_id),
        }

    def remove(self):
        gateway = self.gateway
        names = [seen(gateway.delete_domain_name(DomainName=name)) for name in NAMES]
        return {
            "names": names,
            "nameAgain": refusal(gateway.delete_domain_name, DomainName=DOMAIN),
            "mapping": refusal(gateway.get_api_mapping, **self.mapping),
            "inUseBy": [self.describe(arn)["InUseBy"] for arn in (self.arn, self.second)],
            "api": seen(gateway.delete_api(ApiId=self.api_id)),
            "certificates": [seen(self.acm.delete_certificate(CertificateArn=arn)) for arn in (self.arn, self.second)],
            "certificateAgain": refusal(self.acm.delete_certificate, CertificateArn=self.arn),
            "records": self.change("DELETE", self.records),
            "zone": seen(self.route53.delete_hosted_zone(Id=self.zone_id)),
            "zoneAgain": refusal(self.route53.get_hosted_zone, Id=self.zone_id),
            "left": [one["DomainName"] for one in gateway.get_domain_names()["Items"]],
        }


def main():
    options = parse_arguments()
    ask_gateway_dns(options.dns)
    chain = Chain(options)
    saw = {
        "zone": chain.make_zone(),
        "certificate": chain.make_certificate(),
        "secondCertificate": chain.make_second_certificate(),
        "api": chain.make_api(),
        "names": chain.make_names(),
        "read": chain.read_names(),
        "updates": chain.update_names(),
        "tags": chain.tag_names(),
        "mappings": chain.make_mappings(),
        "aliases": chain.make_aliases(),
        "talk": asyncio.run(chain.talk(DOMAIN, "chat")),
        "wildcardTalk": asyncio.run(chain.talk(TENANT, "")),
        "oldKey": asyncio.run(chain.talk_unmapped()),
        "refusals": chain.refusals(),
        "removed": chain.remove(),
    }
    print(json.dumps(saw, default=str))


main()
