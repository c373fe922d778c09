"""An OpenID provider of our own, over HTTP: it can lie, dawdle, rotate its keys and forget to sign.

It checks what providers check (client, redirect address, PKCE, a code once), so that what we send is tried out too.
"""

import gzip
import hashlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

CLIENT = "noroshi"
SECRET = "a+b/c=d%20 e"
AnyKey = RSAKey | ECKey | OKPKey


class _EveryAlgorithm(JWSRegistry):
    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


def new_key(algorithm: str = "RS256", kid: str | None = None) -> AnyKey:
    parameters: Any = {"kid": kid or secrets.token_hex(4)}
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", parameters)
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519", parameters)
    return RSAKey.generate_key(2048, parameters)


@dataclass
class Begun:
    """What the provider remembers of a code."""

    redirect_uri: str
    nonce: str
    challenge: str


@dataclass
class Provider:
    """What it does, to be changed by a test at any time."""

    issuer: str
    person: dict[str, Any]
    algorithm: str = "RS256"
    key: AnyKey = field(default_factory=new_key)
    published: list[Any] | None = None
    """The keys it gives; None: the one it signs with."""
    kid: str | None = None
    """The key id in the header, if it is another than that of the key."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over the right claims; None takes one out."""
    description: dict[str, Any] = field(default_factory=dict)
    id_token: str | None = None
    """This very token for the next code."""
    with_hash: bool = False
    denies: str = ""
    """An `error` in place of a code."""
    slow: dict[str, float] = field(default_factory=dict)
    """By path: seconds until the answer."""
    drips: set[str] = field(default_factory=set)
    """Paths whose answer comes in single bytes."""
    huge: set[str] = field(default_factory=set)
    packed: set[str] = field(default_factory=set)
    redirects: dict[str, str] = field(default_factory=dict)
    garbage: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Begun] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    """Every ID token it made."""

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            **self.description,
        }

    def keys(self) -> dict[str, Any]:
        own = {**self.key.as_dict(private=False), "use": "sig"}
        return {"keys": [own] if self.published is None else self.published}

    def authorize(self, query: dict[str, str]) -> str:
        """The address that the browser is led back to."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        if self.denies:
            return f"{query['redirect_uri']}?{urlencode({'error': self.denies, 'state': query['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = Begun(query["redirect_uri"], query["nonce"], query["code_challenge"])
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Status and answer for a code."""
        client, secret = form.get("client_id"), form.get("client_secret")
        if authorization.startswith("Basic "):
            client, secret = map(unquote, b64decode(authorization[6:]).decode().split(":"))
        if (client, secret) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        begun = self.codes.pop(form.get("code", ""), None)
        if begun is None or form["grant_type"] != "authorization_code" or form["redirect_uri"] != begun.redirect_uri:
            return 400, {"error": "invalid_grant"}
        if _half(form["code_verifier"].encode(), 32) != begun.challenge:
            return 400, {"error": "invalid_grant"}
        access_token = secrets.token_urlsafe(16)
        token = self.id_token or self.sign(begun.nonce, access_token)
        self.issued.append(token)
        return 200, {"access_token": access_token, "token_type": "Bearer", "id_token": token}

    def sign(self, nonce: str, access_token: str = "") -> str:
        now = int(time.time())
        right: dict[str, Any] = {
            "iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce, **self.person,
        }  # fmt: skip
        if self.with_hash:
            digest = hashlib.sha512 if self.algorithm == "EdDSA" else hashlib.sha256
            right["at_hash"] = _text(digest(access_token.encode()).digest()[: digest().digest_size // 2])
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.kid or self.key.kid}
        key: Any = self.key
        if self.algorithm == "HS256":  # with the public key as the secret: the old confusion
            key = OctKey.import_key({"kty": "oct", "k": _text(json.dumps(self.key.as_dict(private=False)).encode())})
        if self.algorithm == "none":
            return ".".join(_text(json.dumps(part).encode()) for part in (header, claims)) + "."
        return jwt.encode(header, claims, key, registry=_EveryAlgorithm())


def _half(text: bytes, length: int) -> str:
    return _text(hashlib.sha256(text).digest()[:length])


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the library's
        """Say nothing."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if self._misbehaves(path):
            return
        if path == "/.well-known/openid-configuration":
            self._json(path, 200, self.provider.described())
        elif path == "/keys":
            self._json(path, 200, self.provider.keys())
        elif path == "/authorize":
            self._redirect(self.provider.authorize(query))
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._misbehaves(self.path):
            return
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._json(self.path, *self.provider.token(form, self.headers.get("Authorization", "")))

    def _misbehaves(self, path: str) -> bool:
        self.provider.asked.append(path)
        time.sleep(self.provider.slow.get(path, 0))
        if path in self.provider.redirects:
            self._redirect(self.provider.redirects[path])
        elif path in self.provider.garbage:
            self._bytes(path, 200, self.provider.garbage[path])
        else:
            return False
        return True

    def _redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, path: str, status: int, answer: dict[str, Any]) -> None:
        if path in self.provider.huge:
            answer = answer | {"more": "x" * 2**20}
        self._bytes(path, status, json.dumps(answer).encode())

    def _bytes(self, path: str, status: int, body: bytes) -> None:
        self.send_response(status)
        if path in self.provider.packed:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            if path in self.provider.drips:
                for each in body:
                    self.wfile.write(bytes([each]))
                    self.wfile.flush()
                    time.sleep(0.05)
            else:
                self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked had enough


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def providing(person: dict[str, Any], key: AnyKey | None = None) -> Iterator[Provider]:
    """A provider on this machine, for the length of the block. `person`: the claims of whoever signs in there."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}", person, key=key or new_key())
    handler.provider = provider  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
