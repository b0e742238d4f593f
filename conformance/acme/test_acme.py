"""Certificates by ACME, from Let's Encrypt's own test authority: Pebble."""

import datetime
import ipaddress
import json
import socket
import ssl
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.paths import BUILT
from harness.server import Wigwag, free_port

pytestmark = pytest.mark.xdist_group("acme")

NAMES = ["flags.wigwag.test", "sdk.wigwag.test"]
QUARTER = 90 * 24 * 60 * 60
WITHIN = 120


def eventually(what, found):
    """What `found` gives once it is not None."""
    until = time.monotonic() + WITHIN
    while (value := found()) is None:
        assert time.monotonic() < until, what
        time.sleep(0.1)
    return value


class Pebble:
    """An authority that finds every name on this machine, at the port of the server under test."""

    def __init__(self, folder, port, validity):
        folder.mkdir(parents=True)
        self.folder, self.listen, self.manage = folder, free_port(), free_port()
        self.own, self.ca = folder / "pebble.pem", folder / "ca.pem"
        self.write_certificate()
        config = {
            "listenAddress": f"127.0.0.1:{self.listen}",
            "managementListenAddress": f"127.0.0.1:{self.manage}",
            "certificate": str(self.own),
            "privateKey": str(self.own),
            "httpPort": free_port(),
            "tlsPort": port,
            "retryAfter": {"authz": 1, "order": 1},
            "keyAlgorithm": "ecdsa",
            "profiles": {"default": {"description": "the only one", "validityPeriod": validity}},
        }
        (folder / "pebble.json").write_text(json.dumps({"pebble": config}))
        names = f"127.0.0.1:{free_port()}"
        self.processes = [
            self.run("pebble-challtestsrv", "-dnsserver", names, "-management", f"127.0.0.1:{free_port()}",
                     "-defaultIPv6", "", *[part for other in ("http01", "https01", "doh", "tlsalpn01")
                                           for part in (f"-{other}", "")]),
            self.run("pebble", "-config", folder / "pebble.json", "-dnsserver", names),
        ]
        self.root = folder / "root.pem"
        self.root.write_text(eventually("pebble does not start", self.issuer))

    def run(self, program, *arguments):
        log = open(self.folder / f"{program}.log", "wb")
        return subprocess.Popen([BUILT / "go" / program, *arguments], stdout=log, stderr=log,
                                env={"PEBBLE_VA_NOSLEEP": "1"})

    @property
    def directory(self):
        return f"https://127.0.0.1:{self.listen}/dir"

    def issuer(self):
        """The root that it issues under, which it makes anew at each start."""
        context = ssl.create_default_context(cafile=self.ca)
        try:
            with socket.create_connection(("127.0.0.1", self.manage), 5) as plain:
                with context.wrap_socket(plain, server_hostname="127.0.0.1") as wire:
                    wire.sendall(b"GET /roots/0 HTTP/1.0\r\n\r\n")
                    answer = b"".join(iter(lambda: wire.recv(65536), b""))
        except OSError:
            return None
        return answer.split(b"\r\n\r\n", 1)[1].decode()

    def write_certificate(self):
        """What it speaks TLS with itself, with the key in one file; and who vouches for that."""
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
        names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("a test", "pebble")]
        now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)

        def signed(who, extension):
            number, key = x509.random_serial_number(), keys[who].public_key()
            new = x509.CertificateBuilder(names[0], names[who], key, number, now - day, now + day)
            new = new.add_extension(extension, False).sign(keys[0], hashes.SHA256())
            return new.public_bytes(serialization.Encoding.PEM)

        self.ca.write_bytes(signed(0, x509.BasicConstraints(ca=True, path_length=None)))
        own = signed(1, x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]))
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.own.write_bytes(own + keys[1].private_bytes(*form))

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()


class Named(Wigwag):
    """A server that gets its certificate from an authority."""

    def __init__(self, folder, validity=QUARTER):
        super().__init__(folder)
        self.authority = Pebble(folder / "authority", self.port, validity)
        self.named(NAMES[:1])

    def named(self, names):
        self.arguments = ["--acme-domains", ",".join(names), "--acme-email", "ops@wigwag.test",
                          "--acme-directory", self.authority.directory, "--acme-ca", self.authority.ca]

    def shown(self, name=NAMES[0], trusted=True):
        """The certificate that a client gets, and what the server answers it; None if there is none yet."""
        context = ssl.create_default_context(cafile=self.authority.root)
        if not trusted:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as plain:
                with context.wrap_socket(plain, server_hostname=name) as wire:
                    wire.sendall(f"GET /health/ready HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n\r\n".encode())
                    status = wire.recv(65536).split(b"\r\n")[0]
                    return x509.load_der_x509_certificate(wire.getpeercert(True)), status
        except OSError:
            return None

    def _ready(self):
        return (found := self.shown(trusted=False)) is not None and found[1].endswith(b"200 OK")

    def close(self):
        super().close()
        self.authority.close()


@pytest.fixture
def server(tmp_path, request):
    server = Named(tmp_path, *getattr(request, "param", []))
    yield server
    server.close()


def test_a_certificate_is_ordered_kept_and_ordered_anew_for_another_name(server):
    server.start()
    first, status = server.shown()
    assert status == b"HTTP/1.1 200 OK"
    kept = server.folder / "data" / "acme" / "certificate.pem"
    assert kept.stat().st_mode & 0o777 == 0o600

    assert server.stop() == 0
    server.start()
    again, _ = server.shown()
    assert again.serial_number == first.serial_number, "it was ordered anew, though it is in force"

    assert server.stop() == 0
    server.named(NAMES)
    server.start()
    both, _ = eventually("the second name has no certificate", lambda: server.shown(NAMES[1]))
    alternatives = both.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(alternatives.get_values_for_type(x509.DNSName)) == NAMES
    accounts = list(kept.parent.glob("account-*.json"))
    assert len(accounts) == 1, "an account was made for each order"


@pytest.mark.parametrize("server", [[30]], indirect=True)
def test_a_certificate_is_renewed_without_a_restart(server):
    server.start()
    first, _ = server.shown(trusted=False)

    def another():
        shown = server.shown(trusted=False)
        return shown if shown and shown[0].serial_number != first.serial_number else None

    renewed, status = eventually("it is not renewed", another)
    assert renewed.not_valid_after_utc > first.not_valid_after_utc
    assert status == b"HTTP/1.1 200 OK"


def test_a_name_that_leads_elsewhere_gets_no_certificate(server):
    server.authority.close()
    server.authority = Pebble(server.folder / "elsewhere", free_port(), QUARTER)
    server.named(NAMES[:1])
    server._ready = lambda: "for the tls-alpn-01 challenge" in server.log_tail()
    server.start()
    assert server.shown(trusted=False) is None
    assert server.process.poll() is None, "a server without a certificate goes on trying"
