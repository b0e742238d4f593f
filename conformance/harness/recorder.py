"""Stands between a client and the server: passes every request on and keeps what was said."""

import gzip
import http.client
import json
import ssl
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# These belong to one connection and are made anew for the next.
HOP_BY_HOP = ("connection", "content-length", "expect", "host", "transfer-encoding")


@dataclass
class Exchange:
    method: str
    path: str
    request: object
    status: int
    headers: dict
    # The request's headers, by their names in lower case.
    sent: dict = field(default_factory=dict)


class Recorder:
    """`tls_folder`: speak TLS, for clients that know nothing else; the certificate is put there."""

    def __init__(self, target: str, tls_folder=None):
        self.exchanges = []
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(urlsplit(target).netloc))
        self._server.daemon_threads = True
        self.scheme, self.certificate = "http", None
        if tls_folder:
            self.scheme, self.certificate = "https", tls_folder / "certificate.pem"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*_certificate(tls_folder))
            # The handshake is left to the thread of the connection.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self._server.server_address[1]}"

    def keep(self, exchange):
        with self._changed:
            self.exchanges.append(exchange)
            self._changed.notify_all()

    def wait_for(self, found, within=60):
        """Waits until `found(exchanges)` is true; says whether it came to be."""
        with self._changed:
            return self._changed.wait_for(lambda: found(self.exchanges), within)

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(recorder, target):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self._body()
                kept = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                connection = http.client.HTTPConnection(target, timeout=30)
                try:
                    connection.request(self.command, self.path, body, kept)
                    answer = connection.getresponse()
                    text = answer.read()
                except OSError as error:
                    return self.send_error(502, str(error))
                finally:
                    connection.close()
                request = self._decoded(body)
                sent = {k.lower(): v for k, v in kept.items()}
                recorder.keep(Exchange(self.command, self.path, request, answer.status, dict(answer.headers), sent))
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = pass_on

            def _body(self):
                if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def _decoded(self, body):
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                return json.loads(body) if body else None

            def log_message(self, *_):
                pass

        return Handler


def _certificate(folder):
    """A certificate for this machine's loopback address, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-out", certificate, "-keyout", key], check=True, capture_output=True)
    return certificate, key
