"""A receiver of media callbacks, with nothing but Python's own library.

It checks who sent one, and purges what a site has cached of a file that was denied, trashed or deleted. SECRETS has the
application's webhook secrets, with spaces between them, and ADDR where to listen.
"""

import base64
import hashlib
import hmac
import os
import time
import xml.etree.ElementTree
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 1 << 20
TOLERANCE = 5 * 60  # seconds that a signature may be old, or ahead of our clock
DENIED = 2  # of moderationstatus
TRASHED = 100  # of status; from here on the file is trashed or deleted

SECRETS = [base64.b64decode(s.removeprefix("whsec_")) for s in os.environ.get("SECRETS", "").split()]


def signed(headers, body):
    """Tell whether one of the secrets signed the body, as Standard Webhooks has it."""
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    content = b".".join([identifier.encode(), timestamp.encode(), body])
    given = [part.removeprefix("v1,") for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")]
    for secret in SECRETS:
        want = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(want, one) for one in given):
            return True
    return False


def purge(file):
    print("purge", file["id"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    """Answers with 2xx once it has done what is to be done. Whatever else it answers, the callback comes again."""

    protocol_version = "HTTP/1.1"  # so that connections are kept

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self.reply(413)
        body = self.rfile.read(length)
        if not signed(self.headers, body):
            return self.reply(401)
        try:
            result = xml.etree.ElementTree.fromstring(body)
            file = {element.tag: element.text or "" for element in result}  # text between elements means nothing
            gone = int(file["moderationstatus"]) == DENIED or int(file["status"]) >= TRASHED
        except (xml.etree.ElementTree.ParseError, KeyError, ValueError):
            return self.reply(400)
        if gone:
            purge(file)
        return self.reply(204)

    def reply(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    host, _, port = os.environ.get("ADDR", "127.0.0.1:9000").rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Receiver)
    print(f"http://{host}:{server.server_port}", flush=True)
    server.serve_forever()
