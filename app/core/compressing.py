"""Bodies as they travel: what many of them begin with is compressed once."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache, partial

import brotli
from flask import Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

TOO_SMALL = 500
LEVEL = 5
_GZIP_HEAD = (
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time, from no system in particular
)
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=4),
    "gzip": partial(gzip.compress, compresslevel=LEVEL, mtime=0),
    "": bytes,
}


@lru_cache(maxsize=64)
def best_encoding(accepted: str, among: tuple[str, ...] = ("br", "gzip")) -> str:
    """The first of `among` that is accepted, or none ('')."""
    known: Accept = parse_accept_header(accepted, Accept)
    return next((name for name in among if known.quality(name) > 0), "")


def accepted_encoding(among: Sequence[str] = ("br", "gzip")) -> str:
    """The first of these encodings that whoever asks understands, or none ('')."""
    return best_encoding(request.headers.get("Accept-Encoding", ""), tuple(among))


def encode(body: bytes, encoding: str) -> bytes:
    """The body in one of these encodings."""
    return _ENCODERS[encoding](body)


class Beginning:
    """What many bodies begin with. Thread-safe: two may compress it at once, and both have the same."""

    def __init__(self, text: str) -> None:
        self.plain = text.encode()

    @cached_property
    def packed(self) -> tuple[bytes, int]:
        """Its deflate blocks, to which others can be appended, and its CRC-32."""
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(self.plain) + packer.flush(zlib.Z_FULL_FLUSH), zlib.crc32(self.plain)

    def gzipped_with(self, rest: bytes) -> bytes:
        """Both as one gzip member (RFC 1952), of which only `rest` is compressed now."""
        blocks, crc = self.packed
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        sizes = struct.pack("<II", zlib.crc32(rest, crc), (len(self.plain) + len(rest)) & 0xFFFFFFFF)
        return b"".join((_GZIP_HEAD, blocks, packer.compress(rest), packer.flush(), sizes))


def travelling(beginning: Beginning, rest: bytes, kind: str) -> Response:
    """A 200 with both, compressed for this request."""
    is_small = len(beginning.plain) + len(rest) < TOO_SMALL
    if is_small or not accepted_encoding(["gzip"]):
        response = Response(beginning.plain + rest, mimetype=kind)
    else:
        response = Response(beginning.gzipped_with(rest), mimetype=kind)
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response
