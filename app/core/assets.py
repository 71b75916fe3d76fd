"""Stylesheet, scripts, icons and fonts: read once, compressed once, served from memory.

An address carries a hash of what it leads to, so a new version is a new address. All stylesheets travel as one
file, all icons as one; modules import each other by relative names, so their whole folder shares one hash.
"""

from __future__ import annotations

import gzip
import mimetypes
import re
import threading
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256, sha384
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
from flask import Flask
from markupsafe import Markup, escape

from app.core.compressing import best_encoding
from app.core.config import Settings
from app.core.security import CDN_SCRIPTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATIC = Path(__file__).resolve().parent.parent / "static"
PREFIX = "/assets/"
STYLESHEET = "style.css"
SPRITE = "icons.svg"
LOCAL_COPIES = dict(
    zip(CDN_SCRIPTS, ("vendor/htmx/htmx.min.js", "vendor/socket.io/socket.io.min.js"), strict=True)
)
LOOK_EVERY = 0.5  # seconds between two looks at the folder, in development

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_SQUEEZED = (".js", ".css", ".svg", ".json", ".txt", ".webmanifest")
_URL = re.compile(r"""url\(\s*(["']?)(\.{1,2}/[^"')]+)\1\s*\)""")
_SVG = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.DOTALL)
_STROKE = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'


class MissingAsset(LookupError):
    """A template or stylesheet names a file or an icon that is not there."""


@dataclass(frozen=True)
class Asset:
    """One file as it is served."""

    kind: str
    body: bytes
    squeezed: bool

    def answer(self, accepted: str) -> tuple[bytes, str]:
        """The body for a browser that accepts these encodings, and the name of its encoding ('' for none)."""
        encoding = best_encoding(accepted) if self.squeezed else ""
        return (_SQUEEZE[encoding](self.body) if encoding else self.body), encoding


@lru_cache(maxsize=512)
def _brotli(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=11))


@lru_cache(maxsize=512)
def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


_SQUEEZE = {"br": _brotli, "gzip": _gzip}


def integrity(body: bytes) -> str:
    """The Subresource Integrity of a file with this body."""
    return f"sha384-{b64encode(sha384(body).digest()).decode()}"


class Assets:
    """Everything under `folder`, addressed and ready to serve."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.addresses: dict[str, str] = {}
        self.files: dict[str, Asset] = {}
        self.icons: frozenset[str] = frozenset()
        self._add_single_files()
        self._add_modules()
        self._add_stylesheets()
        self._add_sprite()

    def address(self, name: str) -> str:
        """Where `name` (as below `app/static`, or 'style.css', 'icons.svg') is served. Raises MissingAsset."""
        try:
            return self.addresses[name]
        except KeyError:
            raise MissingAsset(f"there is no asset {name!r}") from None

    def icon(self, name: str) -> Markup:
        """The icon as an SVG that takes the text's colour and says nothing to a screen reader."""
        if name not in self.icons:
            raise MissingAsset(f"there is no icon {name!r} in app/static/vendor/lucide")
        return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>').format(
            self.addresses[SPRITE], name
        )

    def warm(self) -> None:
        """Compress everything now, so that no visitor waits for it."""
        for asset in self.files.values():
            asset.answer("br")
            asset.answer("gzip")

    def _serve(self, name: str, address: str, body: bytes) -> None:
        suffix = Path(name).suffix
        kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        self.addresses[name] = PREFIX + address
        self.files[PREFIX + address] = Asset(kind, body, suffix in _SQUEEZED)

    def _add_single_files(self) -> None:
        for path in _files(self.folder):
            name = path.relative_to(self.folder).as_posix()
            if name.startswith(("css/", "js/", "vendor/lucide/")) or path.suffix in ("", ".txt"):
                continue
            body = path.read_bytes()
            stem = name.removesuffix(path.suffix)
            self._serve(name, f"{stem}.{_hash([body])}{path.suffix}", body)

    def _add_modules(self) -> None:
        bodies = {
            path.relative_to(self.folder / "js").as_posix(): path.read_bytes()
            for path in _files(self.folder / "js")
        }
        together = _hash(part for name, body in bodies.items() for part in (name.encode(), body))
        for name, body in bodies.items():
            self._serve(f"js/{name}", f"js-{together}/{name}", body)

    def _add_stylesheets(self) -> None:
        order = self.folder / "css" / "ORDER"
        listed = order.read_text(encoding="utf-8").split() if order.is_file() else []
        sheets: dict[str, list[str]] = {STYLESHEET: []}
        for name in listed:
            if name.startswith("["):  # what follows is a sheet of its own
                sheets[name.strip("[]")] = []
            else:
                sheets[list(sheets)[-1]].append(name)
        ordered = {name for names in sheets.values() for name in names}
        forgotten = {path.name for path in (self.folder / "css").glob("*.css")} ^ ordered
        if forgotten:
            raise MissingAsset(f"app/static/css and its ORDER disagree about {', '.join(sorted(forgotten))}")
        for sheet, names in sheets.items():
            joined = "\n".join(self._with_addresses(self.folder / "css" / name) for name in names).encode()
            self._serve(sheet, f"{sheet.removesuffix('.css')}.{_hash([joined])}.css", joined)

    def _with_addresses(self, sheet: Path) -> str:
        def rewritten(match: re.Match[str]) -> str:
            target = (sheet.parent / match[2]).resolve()
            return f'url("{self.address(target.relative_to(self.folder.resolve()).as_posix())}")'

        return _URL.sub(rewritten, sheet.read_text(encoding="utf-8"))

    def _add_sprite(self) -> None:
        symbols = {}
        for path in _files(self.folder / "vendor" / "lucide"):
            if path.suffix == ".svg" and (drawing := _SVG.search(path.read_text(encoding="utf-8"))):
                inner = " ".join(drawing[1].split())
                symbols[path.stem] = (
                    f'<symbol id="{escape(path.stem)}" viewBox="0 0 24 24" {_STROKE}>{inner}</symbol>'
                )
        sprite = f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols.values())}</svg>'.encode()
        self.icons = frozenset(symbols)
        self._serve(SPRITE, f"icons.{_hash([sprite])}.svg", sprite)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))


def _hash(parts: Iterable[bytes]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:12]


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What a change to the folder changes."""
    return tuple((str(path), (stat := path.stat()).st_mtime_ns, stat.st_size) for path in _files(folder))


@lru_cache(maxsize=2)
def _assets(folder: Path, _state: tuple[tuple[str, int, int], ...]) -> Assets:
    return Assets(folder)


class Shelf:
    """The current Assets; in development it looks again whether a file has changed."""

    def __init__(self, folder: Path, development: bool) -> None:
        self._folder = folder
        self._development = development
        self._looked = time.monotonic()
        self._lock = threading.Lock()
        self._current = _assets(folder, _state(folder))

    def current(self) -> Assets:
        """The assets as they are on disk (in development), else as they were at the start."""
        if self._development:
            with self._lock:
                if time.monotonic() - self._looked > LOOK_EVERY:
                    self._current = _assets(self._folder, _state(self._folder))
                    self._looked = time.monotonic()
        return self._current


class _Counter:
    """Hands assets over the counter before Flask is asked: no routing, no session, no database."""

    def __init__(self, app: WSGIApplication, shelf: Shelf, https: bool) -> None:
        self._app = app
        self._shelf = shelf
        self._always = [
            ("Vary", "Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
        if https:
            self._always.append(("Strict-Transport-Security", "max-age=63072000; includeSubDomains"))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._app(environ, start_response)
        asset = self._shelf.current().files.get(path)
        if asset is None:
            return self._app(environ, start_response)
        body, encoding = asset.answer(environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers = [
            ("Content-Type", asset.kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "public, max-age=31536000, immutable"),
            *self._always,
        ]
        if encoding:
            headers.append(("Content-Encoding", encoding))
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


@lru_cache(maxsize=4)
def _scripts(assets: Assets, where: str) -> Markup:
    """The libraries' script elements.

    From the CDN each is guarded: `guard.js` comes first and blocks, the others are async and name their local copy.
    """
    if where == "local":
        local = Markup('<script async src="{}"></script>')
        return Markup("\n").join(local.format(assets.address(name)) for name in LOCAL_COPIES.values())
    tags = [Markup('<script src="{}"></script>').format(assets.address("js/guard.js"))]
    guarded = Markup(
        '<script async src="{}" integrity="{}" crossorigin="anonymous" data-fallback="{}"></script>'
    )
    for far, name in LOCAL_COPIES.items():
        copy = assets.address(name)
        tags.append(guarded.format(far, integrity(assets.files[copy].body), copy))
    return Markup("\n").join(tags)


def init_assets(app: Flask, config: Settings) -> None:
    """Serve the assets and give templates `asset(name)`, `icon(name)` and `asset_scripts()`."""
    shelf = Shelf(STATIC, config.development)
    if not config.development:
        shelf.current().warm()
    globals_: dict[str, Any] = {
        "asset": lambda name: shelf.current().address(name),
        "icon": lambda name: shelf.current().icon(name),
        "asset_scripts": lambda: _scripts(shelf.current(), config.assets),
    }
    app.jinja_env.globals.update(globals_)
    app.wsgi_app = _Counter(app.wsgi_app, shelf, config.https)  # type: ignore[method-assign]
