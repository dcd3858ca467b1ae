"""Google Cloud Storage's gate for the tests: what its V4 signing process admits, by the published form.

https://cloud.google.com/storage/docs/authentication/canonical-requests: GOOG4-RSA-SHA256 over method, path,
sorted query and signed headers, each of them as the request has it. Nothing of maskkit is used here.
"""

import contextlib
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

EMAIL = "tester@project.iam.gserviceaccount.com"


def new_key():
    return rsa.generate_private_key(65537, 2048)


def account(key, base_url=None):
    """The JSON of a service account's key, as Google gives it; ``base_url`` leads it to another store."""
    members = {"type": "service_account", "client_email": EMAIL, "private_key_id": "1"}
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    members["private_key"] = key.private_bytes(*form).decode()
    return json.dumps(members | ({"gcs_base_url": base_url} if base_url else {}))


def admits(public_key, method, target, headers, now):
    """The request is signed for this very verb, path, query and host, and its time has come and not gone."""
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    given = query.pop("X-Goog-Signature", "")
    signed = query.get("X-Goog-SignedHeaders", "").split(";")
    if query.get("X-Goog-Algorithm") != "GOOG4-RSA-SHA256" or "host" not in signed:
        return False
    began = datetime.strptime(query["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if not began - timedelta(minutes=15) <= now < began + timedelta(seconds=int(query["X-Goog-Expires"])):
        return False
    # The gate stands for Google's host: that is what obstore signs, wherever a key's gcs_base_url leads.
    sent = {name: headers[name].strip() for name in signed} | {"host": "storage.googleapis.com"}
    email, _, scope = query["X-Goog-Credential"].partition("/")
    words = sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query.items())
    canonical = "\n".join(
        [
            method,
            parts.path,
            "&".join(words),
            *(f"{name}:{sent[name]}" for name in signed),
            "",
            ";".join(signed),
            "UNSIGNED-PAYLOAD",
        ]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["GOOG4-RSA-SHA256", query["X-Goog-Date"], scope, digest])
    try:
        public_key.verify(bytes.fromhex(given), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return email == EMAIL and scope == f"{began:%Y%m%d}/auto/storage/goog4_request"


class Gate(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, files = urlsplit(self.path).path, self.server.files
        if not admits(self.server.public_key, self.command, self.path, self.headers, datetime.now(UTC)):
            return self.say(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        if self.command == "PUT":
            files[path] = body
            return self.say(200)
        if path not in files:
            return self.say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return self.say(200, files[path]) if self.command == "GET" else self.say(204, files.pop(path)[:0])

    do_GET = do_DELETE = do_PUT  # noqa: N815

    def say(self, status, content=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words):
        pass


@contextlib.contextmanager
def store(public_key):
    """A running store: ``.url``, and ``.files`` by path."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Gate) as server:
        server.daemon_threads, server.block_on_close = True, False
        server.public_key, server.files = public_key, {}
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
