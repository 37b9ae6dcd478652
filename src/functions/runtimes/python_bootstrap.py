# The Python runtime of a local function: the program of its process. Loads the handler as it is, and answers the Runtime API for it in the
# words of Lambda's own Python runtime.

import http.client
import importlib
import json
import logging
import os
import re
import socket
import sys
import time
import traceback

API_HOST, _, API_PATH = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
RUNTIME = f"/{API_PATH}/2018-06-01/runtime" if API_PATH else "/2018-06-01/runtime"
HTTPS_PORT = 443
NAME_KNOWN_S = 2
# A name of several labels whose last is no number.
NAME = re.compile(r"^[\w-]+(\.[\w-]+)*\.(?![0-9]+$)[\w-]+$", re.ASCII)

_plain_getaddrinfo = socket.getaddrinfo
_known = {}
_request_id = None


class Failure(Exception):
    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = list(trace)


def call(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(API_HOST)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})} if body is not None else {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def own_name(host, port):
    """Where a name of the gateway's own is reached; None for any other name."""
    at, own = _known.get((host, port), (0, None))
    if time.monotonic() - at < NAME_KNOWN_S and (host, port) in _known:
        return own
    try:
        status, _, body = call("GET", f"/{API_PATH}/own-name/{host}/{port}")
        own = json.loads(body) if status == 200 else None
    except OSError:
        own = None
    _known[(host, port)] = (time.monotonic(), own)
    return own


def getaddrinfo(host, port, *args, **kwargs):
    """Names of the gateway lead to where it listens; TLS, SNI and Host are as ever."""
    name = host.decode() if isinstance(host, bytes) else host
    number = HTTPS_PORT if port == "https" else port
    if isinstance(name, str) and NAME.match(name) and str(number).isdigit():
        own = own_name(name, int(number))
        if own is not None:
            return _plain_getaddrinfo(own["address"], own["port"], type=socket.SOCK_STREAM)
    return _plain_getaddrinfo(host, port, *args, **kwargs)


class LambdaContext:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        client_context = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = json.loads(client_context) if client_context else None
        self.identity = None
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)


class LogFormatter(logging.Formatter):
    converter = time.gmtime

    def format(self, record):
        record.aws_request_id = _request_id or ""
        return super().format(record)


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Failure("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        raise Failure(
            "Runtime.UserCodeSyntaxError",
            f"Syntax error in module '{module_name}': {error}",
            [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'],
        )
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Failure("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")


def describe(error):
    if isinstance(error, Failure):
        return {"errorMessage": error.message, "errorType": error.error_type, "requestId": _request_id or "", "stackTrace": error.trace}
    # Without the lines of this file.
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": _request_id or "",
        "stackTrace": traceback.format_list(frames),
    }


def tell(path, error):
    told = describe(error)
    print(f"[ERROR] {told['errorType']}: {told['errorMessage']}", file=sys.stderr)
    for line in told["stackTrace"]:
        print(line.rstrip("\n"), file=sys.stderr)
    call("POST", f"{RUNTIME}/{path}", json.dumps(told).encode(), {"Lambda-Runtime-Function-Error-Type": told["errorType"]})


def answer(handler, event, context):
    result = handler(event, context)
    try:
        return json.dumps(result, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}")


def main():
    global _request_id
    socket.getaddrinfo = getaddrinfo
    log = logging.StreamHandler()
    log.setFormatter(LogFormatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(log)
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        tell("init/error", error)
        sys.exit(1)
    while True:
        _, headers, body = call("GET", f"{RUNTIME}/invocation/next")
        _request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        try:
            text = answer(handler, json.loads(body), LambdaContext(headers))
        except Exception as error:
            tell(f"invocation/{_request_id}/error", error)
            continue
        call("POST", f"{RUNTIME}/invocation/{_request_id}/response", text)


main()
