# What boto3 answers, as the peers of this folder tell it.

import botocore.exceptions


def seen(response):
    """A response as it came, with its HTTP status."""
    members = {key: value for key, value in response.items() if key != "ResponseMetadata"}
    return {"status": response["ResponseMetadata"]["HTTPStatusCode"], **members}


def refusal(call, **arguments):
    """The exception of a refused call; `type` is ClientError when boto3 could not tell which one it is."""
    try:
        return {"type": None, "answer": seen(call(**arguments))}
    except botocore.exceptions.ClientError as error:
        answer = error.response
        return {
            "type": type(error).__name__,
            "code": answer["Error"]["Code"],
            "status": answer["ResponseMetadata"]["HTTPStatusCode"],
            "message": answer["Error"]["Message"],
        }
