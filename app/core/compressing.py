"""Bodies as they travel. Who asks the same at the same moment gets the same bytes, which are compressed once."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache, partial

import brotli
from flask import Response, request

TOO_SMALL = 500
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=4),
    "gzip": partial(gzip.compress, compresslevel=5, mtime=0),
    "": bytes,
}


def accepted_encoding() -> str:
    """The best encoding that whoever asks understands: br, gzip, or none ('')."""
    accepted = request.headers.get("Accept-Encoding", "")
    return "br" if "br" in accepted else "gzip" if "gzip" in accepted else ""


def encode(body: bytes, encoding: str) -> bytes:
    """The body in one of these encodings."""
    return _ENCODERS[encoding](body)


@lru_cache(maxsize=64)
def _encoded(body: bytes, encoding: str) -> bytes:
    return encode(body, encoding)


def travelling(body: bytes, kind: str) -> Response:
    """A 200 with this body, compressed for this request."""
    encoding = accepted_encoding() if len(body) >= TOO_SMALL else ""
    response = Response(_encoded(body, encoding), mimetype=kind)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.vary.add("Accept-Encoding")
    return response
