"""Pages of nobody in particular: the same for everybody who is not signed in, so a moment's worth of them is made once.

Kept are only answers to who has no session and no message waiting, of pages that hold nothing of one browser: no token,
no cookie. Everybody else is answered by the route itself, and what it answers is neither kept nor given an ETag.
Headers that are the same for all answers (the content policy) are put on each as it leaves, kept or not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar

from flask import Response, g, make_response, request, session
from flask_babel import get_locale

from app.core.clock import now
from app.core.compressing import accepted_encoding, encode
from app.core.htmx import is_fragment
from app.core.keeping import Kept, kept_in_app

MOMENT = 0.5
"""Seconds that counts on such a page may be behind, while very many ask."""
FRESH = 10
"""So many of them a second are made anew before kept ones are given."""
BYTES_KEPT = 24_000_000
OF_NOBODY = {"language", "csrf_token", "_permanent"}
"""What the session of nobody in particular may hold: a page differs by the language, which is in its key, and holds no
token. Whoever has anything else in it is somebody."""
VARIES_BY = ("Accept-Encoding", "Accept-Language", "Cookie", "HX-Request", "HX-History-Restore-Request")
SHARED = "public, max-age=0, s-maxage=1, must-revalidate"
"""For who sent no cookie at all. A browser asks every time; a cache in between may answer for a second."""
OWN = "private, no-cache"

Answer = Response | str
View = TypeVar("View", bound=Callable[..., Any])


class _NotForAll(Exception):
    """What came out is for one browser: a cookie was set, a message was shown, or it is no page at all."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True)
class _Page:
    """A page as it was made, and as it travels: by encoding, the body and its ETag."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    travels: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def encoded(self, encoding: str) -> tuple[bytes, str]:
        """The body in this encoding ('' for none), and its ETag. Compressed once."""
        if encoding not in self.travels:
            body = encode(self.body, encoding)
            self.travels[encoding] = (body, sha256(body).hexdigest()[:32])
        return self.travels[encoding]


def kept_for_visitors(stamp: Callable[..., Hashable | None]) -> Callable[[View], View]:
    """Keep what this route answers to nobody in particular.

    `stamp` gets the arguments of the route and reads which state of the database the page must show, everything that
    may be taken out of sight included; None: answer this one without keeping.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(**arguments: Any) -> Any:
            state = stamp(**arguments) if _is_nobody() else None
            if state is None:
                return view(**arguments)
            try:
                page = _pages().get(_key(), (state, int(now().timestamp())), lambda: _make(view, arguments))
            except _NotForAll as made:
                return made.response
            return _travelling(page)

        return answer  # type: ignore[return-value]

    return decorate


def _is_nobody() -> bool:
    """Whether the answer may be everybody's. HEAD is not: pages know their own address only where they are fetched."""
    return request.method == "GET" and OF_NOBODY.issuperset(session)


def _key() -> Hashable:
    """All that a page may differ by between two visitors."""
    return request.full_path, request.host_url, str(get_locale()), is_fragment()


def _make(view: Callable[..., Answer], arguments: dict[str, Any]) -> _Page:
    response = make_response(view(**arguments))
    is_page = response.status_code == 200 and response.mimetype == "text/html"
    is_theirs = session.modified or "csrf_token" in g or "Set-Cookie" in response.headers
    if is_theirs or not is_page:
        raise _NotForAll(response)
    headers = tuple((name, value) for name, value in response.headers if name != "Content-Length")
    return _Page(headers, response.get_data())


def _travelling(page: _Page) -> Response:
    encoding = accepted_encoding()
    body, etag = page.encoded(encoding)
    is_known = request.if_none_match.contains_weak(etag)  # a proxy that compresses weakens it
    response = Response(b"" if is_known else body, 304 if is_known else 200, list(page.headers))
    if encoding and not is_known:
        response.headers["Content-Encoding"] = encoding
    response.set_etag(etag)
    response.headers["Cache-Control"] = SHARED if "Cookie" not in request.headers else OWN
    response.vary.update(VARIES_BY)
    return response


def _pages() -> Kept[_Page]:
    return kept_in_app("kept_pages", moment=MOMENT, fresh=FRESH, most=BYTES_KEPT, size=_held_by)


def _held_by(page: _Page) -> int:
    return 2 * len(page.body)
