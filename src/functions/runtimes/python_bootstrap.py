# The Python runtime of a local function: the program of its process. Loads the handler as it is, and answers for it in the words of
# Lambda's own Python runtime.

import importlib
import json
import logging
import os
import re
import socket
import struct
import sys
import threading
import time
import traceback

HTTPS_PORT = 443
NAME_KNOWN_S = 2
# A name of several labels whose last is no number.
NAME = re.compile(r"^[\w-]+(\.[\w-]+)*\.(?![0-9]+$)[\w-]+$", re.ASCII)

_plain_getaddrinfo = socket.getaddrinfo
_known = {}
# One question at a time, whichever thread asks.
_asking = threading.Lock()
_request_id = None


class Failure(Exception):
    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = list(trace)


class Channel:
    """A socket that the gateway has given us. Its frames: two lengths, a head in JSON, a body."""

    def __init__(self, fd):
        os.set_inheritable(fd, False)
        self._socket = socket.socket(fileno=fd)
        self._have = b""

    def send(self, head, body=b""):
        text = json.dumps(head).encode()
        self._socket.sendall(struct.pack(">II", len(text), len(body)) + text + body)

    def receive(self):
        head_length, body_length = struct.unpack(">II", self._take(8))
        return json.loads(self._take(head_length)), self._take(body_length)

    def _take(self, length):
        if len(self._have) < length:
            parts = [self._have]
            missing = length - len(self._have)
            while missing > 0:
                part = self._socket.recv(1 << 18)
                if not part:
                    # The gateway is gone.
                    os._exit(1)
                parts.append(part)
                missing -= len(part)
            self._have = b"".join(parts)
        taken, self._have = self._have[:length], self._have[length:]
        return taken


def own_name(host, port):
    """Where a name of the gateway's own is reached; None for any other name."""
    at, own = _known.get((host, port), (0, None))
    if time.monotonic() - at < NAME_KNOWN_S and (host, port) in _known:
        return own
    with _asking:
        _names.send({"name": host, "port": port})
        own = _names.receive()[0].get("own")
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
    def __init__(self, head):
        self.aws_request_id = head["id"]
        self.invoked_function_arn = head["functionArn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        client_context = head.get("clientContext")
        self.client_context = json.loads(client_context) if client_context else None
        self.identity = None
        self._deadline_ms = int(head["deadlineMs"])

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


def tell(head, error):
    told = describe(error)
    print(f"[ERROR] {told['errorType']}: {told['errorMessage']}", file=sys.stderr)
    for line in told["stackTrace"]:
        print(line.rstrip("\n"), file=sys.stderr)
    _invocations.send(head, json.dumps(told).encode())


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
        tell({"initFailed": True}, error)
        sys.exit(1)
    _invocations.send({"next": True})
    while True:
        head, body = _invocations.receive()
        _request_id = head["id"]
        os.environ["_X_AMZN_TRACE_ID"] = head["traceId"]
        try:
            text = answer(handler, json.loads(body), LambdaContext(head))
        except Exception as error:
            tell({"failed": _request_id, "next": True}, error)
            continue
        _invocations.send({"answered": _request_id, "next": True}, text)


_invocations = Channel(4)
_names = Channel(5)
main()
