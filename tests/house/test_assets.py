"""What the pages are dressed in: lasting addresses, small bodies, and exactly the bytes the CDN serves."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask, render_template_string

from app.core.assets import LOCAL_COPIES, STATIC, Assets, MissingAsset, Shelf, integrity
from app.core.security import CDN_SCRIPTS
from tests.clients import Client
from tests.servers import ROOT

PUBLISHED = {
    "htmx.org@4.0.1": "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn",
    "socket.io-client@4.8.4": "sha384-fBrXvbDtHoeKWJ/hcA6M+YGueiDW+h45I7V6F2kD1S8bOkrF9rZYPLVkCR6BLR/1",
}
ICON_NAMES = re.compile(r"""\bicon\(\s*["']([a-z0-9-]+)["']\s*\)""")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small static folder."""
    files = {
        "css/ORDER": "base.css\ncard.css\n",
        "css/base.css": '@font-face { src: url("../vendor/letters.woff2"); }',
        "css/card.css": ".card { color: red; }",
        "js/board.js": 'import "./page.js";',
        "js/page.js": "export const page = 1;",
        "vendor/letters.woff2": "letters",
        "vendor/lucide/arrow-up.svg": '<svg width="24"><path d="m5 12 7-7 7 7" /></svg>',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("address", CDN_SCRIPTS)
def test_the_cdn_is_held_to_the_bytes_of_our_own_copies(app: Flask, address: str) -> None:
    name = LOCAL_COPIES[address]
    published = next(value for package, value in PUBLISHED.items() if package in address)
    assert integrity((STATIC / name).read_bytes()) == published
    with app.test_request_context():
        page = render_template_string("{{ asset_scripts() }}")
    assert f'src="{address}" integrity="{published}" crossorigin="anonymous"' in page


@pytest.mark.settings(assets="local")
def test_local_assets_name_no_other_host(app: Flask) -> None:
    with app.test_request_context():
        page = render_template_string("{{ asset_scripts() }}")
    assert "//" not in page
    assert page.count("<script async") == 2


def test_every_vendored_file_is_listed_with_its_hash() -> None:
    for folder in (STATIC / "vendor", ROOT / "tests" / "vendor"):
        lines = (folder / "VENDOR.txt").read_text(encoding="utf-8").split("\n\n")[1].strip().splitlines()
        listed: set[Path] = set()
        for line in lines:
            _name, _version, pattern, digest, licence, package = line.split(" | ")
            files = sorted(ROOT.glob(pattern))
            assert integrity(b"".join(path.read_bytes() for path in files)) == digest, pattern
            assert licence and package
            assert (files[0].parent / "LICENSE").is_file()
            listed.update(files)
        vendored = {path for path in folder.rglob("*") if path.suffix in (".js", ".woff2", ".svg")}
        assert vendored == listed


def test_stylesheets_travel_as_one_with_the_addresses_of_their_fonts(folder: Path) -> None:
    assets = Assets(folder)
    sheet = assets.files[assets.address("style.css")].body.decode()
    assert sheet.index("@font-face") < sheet.index(".card")
    assert f'url("{assets.address("vendor/letters.woff2")}")' in sheet


def test_what_few_people_see_travels_in_a_sheet_of_its_own(folder: Path) -> None:
    (folder / "css" / "desk-only.css").write_text(".queue {}")
    with (folder / "css" / "ORDER").open("a") as order:
        order.write("[desk.css]\ndesk-only.css\n")
    assets = Assets(folder)
    assert ".queue" not in assets.files[assets.address("style.css")].body.decode()
    assert ".queue" in assets.files[assets.address("desk.css")].body.decode()


def test_a_stylesheet_that_order_forgets_is_an_error(folder: Path) -> None:
    (folder / "css" / "lost.css").write_text("")
    with pytest.raises(MissingAsset, match=r"lost\.css"):
        Assets(folder)


def test_modules_find_each_other_and_change_their_address_together(folder: Path) -> None:
    before = Assets(folder)
    assert Path(before.address("js/board.js")).parent == Path(before.address("js/page.js")).parent
    (folder / "js" / "page.js").write_text("export const page = 2;")
    after = Assets(folder)
    assert after.address("js/board.js") != before.address("js/board.js")
    assert after.address("vendor/letters.woff2") == before.address("vendor/letters.woff2")


def test_an_icon_that_is_not_there_is_an_error(folder: Path) -> None:
    assets = Assets(folder)
    assert f'href="{assets.address("icons.svg")}#arrow-up"' in assets.icon("arrow-up")
    with pytest.raises(MissingAsset, match="no icon 'arrow-down'"):
        assets.icon("arrow-down")


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = Assets(STATIC).icons
    for path in (ROOT / "app" / "templates").rglob("*.html"):
        for name in ICON_NAMES.findall(path.read_text(encoding="utf-8")):
            assert name in known, f"{path.name} names the icon {name!r}"


def test_in_development_a_changed_file_is_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.assets.LOOK_EVERY", 0)
    shelf = Shelf(folder, development=True)
    before = shelf.current().address("style.css")
    sheet = folder / "css" / "card.css"
    sheet.write_text(".card { color: blue; }")
    os.utime(sheet, (1, 1))
    assert shelf.current().address("style.css") != before


@pytest.mark.parametrize(("accepted", "unpack"), [("br, gzip", brotli.decompress), ("gzip", gzip.decompress)])
def test_assets_are_served_compressed_and_kept_for_a_year(
    client: Client, accepted: str, unpack: object
) -> None:
    assets = Assets(STATIC)
    address = assets.address("js/guard.js")
    answer = client.get(address, headers={"Accept-Encoding": accepted})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == accepted.split(",")[0]
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert unpack(answer.data) == assets.files[address].body  # type: ignore[operator]
    plain = client.get(address)
    assert plain.data == assets.files[address].body
    assert "Content-Encoding" not in plain.headers


def test_an_address_that_leads_nowhere_is_not_there(client: Client) -> None:
    assert client.get("/assets/style.000000000000.css").status_code == 404
    assert client.get("/assets/../config.py").status_code == 404


def test_a_page_travels_compressed(client: Client) -> None:
    answer = client.get("/privacy", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"


FOR_SCREENS = ("js/screen", "screen.css", "plain.css")
FOR_MODERATORS = (
    "desk.css",
    "js/queue",
    "js/rows",
    "js/hearing",
    "js/acts",
    "js/alerts",
    "js/moderating",
    "js/remote",
    "js/sound",
)
FOR_RESULTS = ("result.css",)


def test_script_and_style_of_a_first_visit_stay_small() -> None:
    """Projectors and moderators load their own, which no visitor does."""
    assets = Assets(STATIC)
    sizes = {
        name: len(assets.files[address].answer("br")[0])
        for name, address in assets.addresses.items()
        if not name.startswith(FOR_SCREENS + FOR_MODERATORS + FOR_RESULTS)
    }
    together = sum(size for name, size in sizes.items() if name.endswith((".js", ".css")))
    assert together <= 70_000, sizes
    fonts = sizes["vendor/inter/inter-latin-wght-normal.woff2"]
    assert together + sizes["icons.svg"] + fonts <= 135_000, sizes
