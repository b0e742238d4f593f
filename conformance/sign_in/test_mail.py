"""Letters by a mail server, as small as one can be."""

import re
import socketserver
import threading

from browser import Browser
from harness.server import Wigwag


class Mailbox(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 mailbox")
        while line := self.rfile.readline():
            command = line.decode().split()[0].upper()
            if command == "DATA":
                self.say("354 go on")
                letter = b""
                while not letter.endswith(b"\r\n.\r\n"):
                    letter += self.rfile.readline()
                self.server.letters.append(letter.decode())
                self.server.arrived.set()
            self.say("221 bye" if command == "QUIT" else "250 mailbox")
            if command == "QUIT":
                return

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


def test_a_forgotten_password(tmp_path):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as mailbox:
        mailbox.letters, mailbox.arrived = [], threading.Event()
        threading.Thread(target=mailbox.serve_forever, daemon=True).start()
        server = Wigwag(tmp_path)
        server.environment = {"WIGWAG_SMTP_URL": f"smtp://127.0.0.1:{mailbox.server_address[1]}"}
        server.arguments = ["--mail-from", "Flags <flags@example.com>"]
        server.start()
        try:
            browser = Browser()
            page = browser.get(f"{server.url}/reset-password")
            assert browser.submit(page, email=server.owner_email).status == 200
            assert mailbox.arrived.wait(60), server.log_tail()
            letter = mailbox.letters[0].replace("=\r\n", "").replace("=3D", "=")
            assert f"To: {server.owner_email}" in letter and "flags@example.com" in letter
            link = re.search(rf"{server.url}/reset-password\?token=[0-9a-f]+", letter).group(0)
            assert link not in server.log.read_text()
            page = browser.submit(browser.get(link), password="a new password")
            assert "The password is set" in page.text
            page = browser.submit(browser.get(f"{server.url}/login"), email=server.owner_email, password="a new password")
            assert page.path == "/account" and server.owner_email in page.text
        finally:
            server.close()
        mailbox.shutdown()
