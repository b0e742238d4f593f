"""A plain REST client for setting scenes. The official clients are tested elsewhere."""

import http.client
import json
from urllib.parse import urlencode, urlsplit

SEMANTIC_PATCH = "application/json; domain-model=launchdarkly.semanticpatch"


class Refused(Exception):
    """An answer that is not 2xx."""

    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path} answered {status}: {body}")
        self.status, self.body = status, body


class Rest:
    def __init__(self, base: str, token: str):
        self.host, self.token = urlsplit(base).netloc, token

    def exchange(self, method, path, body=None, content_type="application/json", headers=None):
        """One request on a connection of its own: status, headers, decoded body."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        sent = {"Authorization": self.token, **(headers or {})}
        if body is not None:
            sent["Content-Type"] = content_type
            body = json.dumps(body)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        return response.status, response.headers, json.loads(text) if text else None

    def call(self, method, path, body=None, content_type="application/json"):
        status, _, answer = self.exchange(method, path, body, content_type)
        if not 200 <= status < 300:
            raise Refused(method, path, status, answer)
        return answer

    def get(self, path, **query):
        return self.call("GET", f"{path}?{urlencode(query)}" if query else path)

    def create_flag(self, project, body):
        return self.call("POST", f"/api/v2/flags/{project}", body)

    def instruct(self, project, flag, instructions, environment=None):
        """A semantic patch; gives the flag as it is after."""
        body = {"instructions": instructions}
        if environment:
            body["environmentKey"] = environment
        return self.call("PATCH", f"/api/v2/flags/{project}/{flag}", body, SEMANTIC_PATCH)

    def delete_flag(self, project, flag):
        self.call("DELETE", f"/api/v2/flags/{project}/{flag}")

    def environment(self, project, key):
        return self.get(f"/api/v2/projects/{project}/environments/{key}")
