"""Signs the requests that come as JSON on stdin with botocore, in its header form or as a presigned URL, and prints what would be sent."""

import json
import sys

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def sign(given):
    keys = Credentials(given["accessKeyId"], given["secret"], given.get("sessionToken"))
    request = AWSRequest(
        method=given["method"],
        url=given["url"],
        data=bytes.fromhex(given["body"]),
        headers=given["headers"],
    )
    if given["form"] == "query":
        SigV4QueryAuth(keys, given["service"], given["region"], expires=given["expires"]).add_auth(request)
    else:
        SigV4Auth(keys, given["service"], given["region"]).add_auth(request)
    return {"url": request.url, "headers": dict(request.headers.items())}


json.dump([sign(one) for one in json.load(sys.stdin)], sys.stdout)
