"""The official API clients behind one face: an operation by its name in the API description, with
path values in order, a body in JSON form, and query values by name.

Every answer has gone through the client's own models (Python), or been held against the client's
own types (TypeScript), before a test sees it.
"""

import importlib
import inspect
import json
import keyword
import queue
import re
import subprocess
import threading
import typing

from harness.paths import BUILT, CONFORMANCE


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, op, status, body):
        super().__init__(f"{op} answered {status}: {body}")
        self.status, self.body = status, body


class Invalid(Exception):
    """The answer is not what the client says it is."""


class Missing(Exception):
    """This client has no such operation, or not with that parameter."""


class PythonClient:
    """PyPI `launchdarkly-api`. Its models refuse wrong types, missing members and unknown enum values."""

    def __init__(self, base):
        self.base = base
        self.library = importlib.import_module("launchdarkly_api")
        names = [n for n in dir(self.library) if n.endswith("Api")]
        self.apis = [getattr(self.library, n) for n in names]

    def call(self, op, path, query, body, headers, token):
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", op).lower()
        method = self._method(name, token, headers)
        parameters = inspect.signature(method).parameters
        arguments = {re.sub("(?=[A-Z])", "_", k).lower(): v for k, v in query.items()}
        # A word of the language is renamed.
        arguments = {f"var_{k}" if keyword.iskeyword(k) else k: v for k, v in arguments.items()}
        if not arguments.keys() <= parameters.keys():
            raise Missing(op)
        values = list(path)
        for parameter in parameters.values():
            if parameter.name.startswith("_") or parameter.name in arguments:
                continue
            if model := _model(parameter.annotation):
                if body is not None:
                    arguments[parameter.name] = self._body(model, body)
            elif parameter.name == "ld_api_version":
                arguments[parameter.name] = headers["LD-API-Version"]
            elif parameter.name == "request_body":
                # A body that the client has no model of.
                arguments[parameter.name] = body
            elif values:
                arguments[parameter.name] = values.pop(0)
        try:
            answer = method(**arguments, _content_type=headers.get("Content-Type"))
        except self.library.exceptions.ApiException as e:
            raise Refused(op, e.status, json.loads(e.body) if e.body else None) from None
        except ValueError as e:
            # pydantic's ValidationError is one.
            raise Invalid(f"{op}: {e}") from None
        return answer.status_code, answer.data if answer.data is None else _plain(answer.data)

    def _method(self, name, token, headers):
        configuration = self.library.Configuration(host=self.base, api_key={"ApiKey": token})
        for api in self.apis:
            if hasattr(api, name):
                client = self.library.ApiClient(configuration)
                # This client says the version it is made for, unless told another.
                for header in headers.keys() - {"Content-Type"}:
                    client.set_default_header(header, headers[header])
                return getattr(api(client), f"{name}_with_http_info")
        raise Missing(name)

    def _body(self, model, body):
        """The client's model of a body. What the model cannot say (semantic and merge patches, a
        bare array for a flag) goes through as it is."""
        if isinstance(body, list) and not _is_patch_with_comment(model):
            return [model.from_dict(item) for item in body]
        if _is_patch_with_comment(model) and not (isinstance(body, dict) and "patch" in body):
            raw = type("Raw", (model,), {"to_dict": lambda self: body})
            return raw.model_construct()
        return model.from_dict(body)

    def close(self):
        pass


def _is_patch_with_comment(model):
    return model.__name__ == "PatchWithComment"


def _model(annotation):
    """The model class somewhere in an annotation, if there is one."""
    if inspect.isclass(annotation) and hasattr(annotation, "model_fields"):
        return annotation
    return next(filter(None, map(_model, typing.get_args(annotation))), None)


def _plain(data):
    return [_plain(item) for item in data] if isinstance(data, list) else data.to_dict()


class TypeScriptClient:
    """npm `launchdarkly-api-typescript`, run by typescript/walker.mjs."""

    ANSWERS_WITHIN = 60

    def __init__(self, package, base, stderr):
        self.stderr = open(stderr, "ab")
        walker = CONFORMANCE / "clients" / "typescript" / "walker.mjs"
        self.process = subprocess.Popen(
            ["node", walker, package, base, BUILT / "clients" / "schemas.json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stderr,
            text=True,
            encoding="utf-8",
        )
        self.answers = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put('{"failed": "the walker ended"}')

    def call(self, op, path, query, body, headers, token):
        command = {"op": op, "path": path, "query": query, "body": body, "headers": headers, "token": token}
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.answers.get(timeout=self.ANSWERS_WITHIN))
        if answer.get("missing"):
            raise Missing(op)
        if answer.get("failed"):
            raise RuntimeError(f"{op}: {answer['failed']}")
        if answer["status"] >= 400:
            raise Refused(op, answer["status"], answer["data"])
        if answer["invalid"]:
            raise Invalid(f"{op}: {answer['invalid']} in {json.dumps(answer['data'])[:2000]}")
        return answer["status"], answer["data"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(self.ANSWERS_WITHIN)
        self.stderr.close()
