"""Bodies as they travel. Who asks the same at the same moment gets the same bytes, which are compressed once."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache, partial

import brotli
from flask import Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

TOO_SMALL = 500
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=4),
    "gzip": partial(gzip.compress, compresslevel=5, mtime=0),
    "": bytes,
}


@lru_cache(maxsize=64)
def best_encoding(accepted: str) -> str:
    """The best encoding for who accepts these: br, gzip, or none ('')."""
    known: Accept = parse_accept_header(accepted, Accept)
    return next((name for name in ("br", "gzip") if known.quality(name) > 0), "")


def accepted_encoding() -> str:
    """The best encoding that whoever asks understands: br, gzip, or none ('')."""
    return best_encoding(request.headers.get("Accept-Encoding", ""))


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
