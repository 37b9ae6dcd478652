# Route 53 with boto3 as Debian ships it, unmodified: every operation on hosted zones and their records, every type that its model
# knows. Prints one JSON object of what it saw; route53-clients.test.ts says what that must be.

import argparse
import json

import boto3
from boto3_answers import refusal, seen

ZONE = "boto.example.org"
SHA256 = "0123456789abcdef" * 4
# Values of each type, as they are given. Types that a younger model knows are left to the SDK for JavaScript.
VALUES = {
    "A": ["192.0.2.1", "192.0.2.2"],
    "AAAA": ["2001:DB8::1"],
    "CAA": ['0 issue "ca.example.net"'],
    "CNAME": ["Target.Example.NET"],
    "DS": [f"12345 13 2 {SHA256}"],
    "HTTPS": ['1 . alpn="h3,h2"'],
    "MX": ["10 mail.example.net."],
    "NAPTR": [r'100 50 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.net!" .'],
    "NS": ["ns1.example.net."],
    "PTR": ["host.example.net."],
    "SPF": ['"v=spf1 -all"'],
    "SRV": ["1 2 8443 ws.example.net."],
    "SSHFP": [f"4 2 {SHA256}"],
    "SVCB": ["0 svc.example.net."],
    "TLSA": [f"3 1 1 {SHA256}"],
    "TXT": ['"one" "two"', r'"\"q\" \303\251 <&>"'],
}


def record_set(label, kind, values, **more):
    records = [{"Value": value} for value in values]
    return {"Name": f"{label}.{ZONE}", "Type": kind, "TTL": 60, "ResourceRecords": records, **more}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True, help="URL of the control port")
    endpoint = parser.parse_args().endpoint
    client = boto3.client("route53", region_name="eu-west-1", endpoint_url=endpoint)
    saw = {}

    created = client.create_hosted_zone(Name=ZONE, CallerReference="boto3", HostedZoneConfig={"Comment": "first"})
    zone = created["HostedZone"]["Id"]
    bare = zone.split("/")[-1]
    saw["created"] = seen(created)
    saw["commented"] = seen(client.update_hosted_zone_comment(Id=zone, Comment="second"))
    saw["count"] = seen(client.get_hosted_zone_count())
    saw["byName"] = seen(client.list_hosted_zones_by_name(DNSName=ZONE, MaxItems="1"))
    saw["dnssec"] = seen(client.get_dnssec(HostedZoneId=zone))
    pages = client.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 1})
    saw["zones"] = [one["Name"] for page in pages for one in page["HostedZones"]]

    tag = {"ResourceType": "hostedzone", "ResourceId": bare}
    saw["tagged"] = seen(client.change_tags_for_resource(**tag, AddTags=[{"Key": "a", "Value": "1"}, {"Key": "b"}]))
    client.change_tags_for_resource(**tag, RemoveTagKeys=["a"])
    saw["tags"] = seen(client.list_tags_for_resource(**tag))
    saw["tagsOfMany"] = seen(client.list_tags_for_resources(ResourceType="hostedzone", ResourceIds=[bare]))
    saw["prefixedTags"] = refusal(client.list_tags_for_resource, ResourceType="hostedzone", ResourceId=zone)

    def change(*changes):
        batch = [{"Action": action, "ResourceRecordSet": one} for action, one in changes]
        return client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Comment": "c", "Changes": batch})

    kinds = client.meta.service_model.shape_for("RRType").enum
    sets = [record_set(kind.lower(), kind, VALUES[kind]) for kind in kinds if kind != "SOA"]
    sets += [
        record_set("w", "A", ["192.0.2.1"], SetIdentifier="blue", Weight=0),
        record_set("w", "A", ["192.0.2.2"], SetIdentifier="green", Weight=255),
        record_set("m", "A", ["192.0.2.1"], SetIdentifier="one", MultiValueAnswer=True),
    ]
    changed = change(*[("CREATE", one) for one in sets])
    client.get_waiter("resource_record_sets_changed").wait(Id=changed["ChangeInfo"]["Id"])
    saw["change"] = seen(client.get_change(Id=changed["ChangeInfo"]["Id"]))
    # Its own paginator goes from page to page by name, type and identifier.
    pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 2})
    listed = [one for page in pages for one in page["ResourceRecordSets"]]
    saw["kinds"] = kinds
    saw["sent"] = sets
    saw["listed"] = [one for one in listed if one["Name"] != f"{ZONE}."]
    saw["answer"] = seen(client.test_dns_answer(HostedZoneId=zone, RecordName=f"a.{ZONE}", RecordType="A"))
    weighted = record_set("a", "A", ["192.0.2.9"], SetIdentifier="x", Weight=1)
    saw["refusals"] = {
        "mixed": refusal(lambda: change(("CREATE", weighted))),
        "notEmpty": refusal(client.delete_hosted_zone, Id=zone),
        "unknownZone": refusal(client.get_hosted_zone, Id="Z0"),
        "unknownChange": refusal(client.get_change, Id="C0"),
        "badName": refusal(client.create_hosted_zone, Name="org", CallerReference="bad"),
        "again": refusal(client.create_hosted_zone, Name=ZONE, CallerReference="boto3"),
        "healthCheck": refusal(client.list_tags_for_resource, ResourceType="healthcheck", ResourceId="abc"),
        "delegationSet": refusal(
            client.create_hosted_zone, Name=ZONE, CallerReference="set", DelegationSetId="N1"
        ),
        "delegationSets": refusal(client.list_reusable_delegation_sets),
    }
    change(*[("DELETE", one) for one in saw["listed"]])
    saw["deleted"] = seen(client.delete_hosted_zone(Id=zone))
    saw["left"] = seen(client.get_hosted_zone_count())
    print(json.dumps(saw, default=str))


main()
