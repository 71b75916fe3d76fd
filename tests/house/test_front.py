"""What stands in front: a real nginx with deploy/nginx, before processes that note what they get."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.engines import free_port
from tests.front import Front, find_nginx

pytestmark = pytest.mark.skipif(not find_nginx(), reason="nginx is not installed")


class Process(ThreadingHTTPServer):
    """Stands for a process of the board: notes each request, answers with its name."""

    daemon_threads = True

    def __init__(self, name: str, port: int = 0) -> None:
        self.name = name
        self.heard: list[tuple[str, str, http.client.HTTPMessage]] = []
        self.connections: list[tuple[str, int]] = []
        """Method and connection of each request."""
        self.has: dict[str, str] = {}
        """Assets it has, by their address."""
        super().__init__(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self.thread.start()

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        self.thread.join()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Process

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append((self.command, self.path, self.headers))
        self.server.connections.append((self.command, self.client_address[1]))
        if body == b"fall over":
            self.close_connection = True
            return  # without a word, as a process that is killed
        is_asset = self.path.startswith("/assets/")
        there = not is_asset or self.path in self.server.has
        said = (self.server.has.get(self.path, "") if is_asset else self.server.name).encode()
        self.send_response(200 if there else 404)
        self.send_header("Content-Length", str(len(said)))
        if is_asset and there:
            self.send_header("Cache-Control", "public, max-age=31536000, immutable")
            self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        self.wfile.write(said)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Quiet: the tests look at `heard`."""


class Layout:
    """One nginx, two processes for pages, one for sockets."""

    def __init__(self, folder: Path) -> None:
        self.web = [Process("web 1"), Process("web 2")]
        self.live = Process("live")
        self.front = Front(folder, [one.server_port for one in self.web], [self.live.server_port]).start()

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """What a visitor gets: status, text, headers. Header names with `_` for `-`."""
        visitor = http.client.HTTPConnection("127.0.0.1", self.front.port, timeout=20)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        visitor.request(method, path, body, sent)
        answer = visitor.getresponse()
        text = answer.read().decode()
        visitor.close()
        return answer.status, text, answer.headers

    def heard(self) -> list[tuple[str, str, http.client.HTTPMessage]]:
        return [one for process in (*self.web, self.live) for one in process.heard]

    def end(self) -> None:
        self.front.stop()
        for process in (*self.web, self.live):
            with contextlib.suppress(OSError):
                process.end()


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    layout = Layout(tmp_path / "nginx")
    yield layout
    layout.end()


@pytest.mark.parametrize("tls", [False, True])
def test_nginx_finds_nothing_to_say_against_the_configuration(tmp_path: Path, tls: bool) -> None:
    assert Front(tmp_path / "nginx", [8101], [8201], tls=tls).check() == ""


def test_pages_go_to_web_and_sockets_to_live(layout: Layout) -> None:
    assert {layout.ask("/rotterdam")[1] for _ in range(4)} == {"web 1", "web 2"}
    assert layout.ask("/rotterdam/ideas", "POST", b"title=Shade")[1].startswith("web")
    status, said, _ = layout.ask(
        "/socket.io/?EIO=4&transport=websocket", Upgrade="websocket", Connection="Upgrade"
    )
    assert (status, said) == (200, "live")
    heard = layout.live.heard[0][2]
    assert (heard["Upgrade"], heard["Connection"].lower()) == ("websocket", "upgrade")
    assert all("socket.io" not in path for process in layout.web for _, path, _ in process.heard)


def test_metrics_are_not_reached_from_outside(layout: Layout) -> None:
    for path in ("/metrics", "/metrics?x=1", "//metrics", "/%6detrics", "/x/../metrics"):
        assert layout.ask(path, Authorization="Bearer right")[0] == 404
    assert layout.heard() == []


def test_what_a_visitor_claims_about_himself_is_overwritten(layout: Layout) -> None:
    names = ("For", "Proto", "Host", "Port", "Prefix")
    claims = {f"X_Forwarded_{name}": "claimed.example" for name in names}
    claims |= {
        "Forwarded": "for=claimed.example",
        "Proxy": "claimed.example",
        "X_Request_Id": "claimed.example",
    }
    for path in ("/rotterdam", "/organise/imports", "/assets/none.css", "/socket.io/?EIO=4"):
        layout.ask(path, **claims)
    assert len(layout.heard()) >= 4
    for _, path, headers in layout.heard():
        assert "claimed.example" not in str(headers), path
        host = f"127.0.0.1:{layout.front.port}"
        assert (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"]) == ("127.0.0.1", "http"), path
        assert (headers["Host"], headers["X-Forwarded-Host"]) == (host, host), path


def test_reading_and_writing_go_on_while_one_process_is_away(layout: Layout) -> None:
    layout.web[0].end()
    for _ in range(6):
        assert layout.ask("/rotterdam")[:2] == (200, "web 2")
        assert layout.ask("/ideas/1/upvote", "POST", b"x=1")[:2] == (200, "web 2")


def test_what_may_have_been_carried_out_is_not_sent_twice(layout: Layout) -> None:
    status, _, headers = layout.ask("/rotterdam/ideas", "POST", b"fall over")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert len(layout.heard()) == 1


def test_writes_never_travel_on_a_connection_that_may_be_closing(layout: Layout) -> None:
    for _ in range(8):
        layout.ask("/rotterdam")
        layout.ask("/rotterdam/ideas", "POST", b"x=1")
    assert {headers["Connection"] for method, _, headers in layout.heard() if method == "POST"} == {"close"}
    for process in layout.web:
        read = [connection for method, connection in process.connections if method == "GET"]
        written = [connection for method, connection in process.connections if method == "POST"]
        assert len(set(read)) < len(read), "reading keeps its connection"
        assert len(set(written)) == len(written) > 0 and not set(written) & set(read)


def test_while_all_are_away_a_page_says_so_and_when_one_is_back_it_serves_at_once(layout: Layout) -> None:
    for process in layout.web:
        process.end()
    status, page, headers = layout.ask("/rotterdam")
    assert (status, headers["Retry-After"], headers["Content-Type"]) == (503, "5", "text/html; charset=utf-8")
    assert "away for a moment" in page and "看板" in page and 'http-equiv="refresh"' in page
    assert 'http-equiv="refresh"' not in layout.ask("/rotterdam/ideas", "POST", b"x=1")[1]
    layout.web[1] = Process("web 2", layout.web[1].server_port)
    assert layout.ask("/rotterdam")[:2] == (200, "web 2")


def test_an_asset_that_only_the_newer_process_has_is_found_and_outlives_it(layout: Layout) -> None:
    layout.web[1].has["/assets/style.new.css"] = "body {}"
    for encoding in ("gzip, br", "br;q=1", "gzip", ""):
        assert layout.ask("/assets/style.new.css", Accept_Encoding=encoding)[:2] == (200, "body {}")
    asked = [headers["Accept-Encoding"] for _, path, headers in layout.web[1].heard]
    assert asked == ["br", "gzip", None], "one answer is kept for each way of compressing"
    assert layout.ask("/assets/style.older.css")[0] == 404
    layout.web[1].end()
    assert layout.ask("/assets/style.new.css", Accept_Encoding="br")[:2] == (200, "body {}")


def test_a_body_that_is_too_large_is_refused_with_a_page_and_an_import_is_not(layout: Layout) -> None:
    status, page, _ = layout.ask("/rotterdam/ideas", "POST", b"x" * 1_100_000)
    assert status == 413 and "Too large" in page
    assert layout.heard() == []
    assert layout.ask("/organise/imports", "POST", b"x" * 20_000_000)[0] == 200


def test_the_log_of_nginx_holds_no_address_and_no_path(layout: Layout) -> None:
    assert layout.ask("/organiser/a-secret-token", "POST", b"x=1")[0] == 200
    for process in layout.web:
        process.end()
    layout.ask("/organiser/a-secret-token")
    layout.front.stop()
    log = (layout.front.folder / "access.log").read_text()
    assert " GET 503 " in log and log.count("\n") == 1
    assert "127.0.0.1" not in log and "token" not in log


def test_with_tls_the_plain_address_leads_on_and_the_board_hears_that_it_is_https(tmp_path: Path) -> None:
    with contextlib.closing(contextlib.ExitStack()) as ends:
        web = Process("web")
        ends.callback(web.end)
        front = ends.enter_context(Front(tmp_path / "nginx", [web.server_port], [free_port()], tls=True))
        plain = http.client.HTTPConnection("localhost", int(front.plain_url.rpartition(":")[2]), timeout=20)
        plain.request("GET", "/rotterdam?sort=new")
        answer = plain.getresponse()
        assert (answer.status, answer.headers["Location"]) == (308, f"{front.url}/rotterdam?sort=new")
        plain.close()
        trusting = ssl.create_default_context(cafile=str(front.certificate))
        visitor = http.client.HTTPSConnection("localhost", front.port, context=trusting, timeout=20)
        visitor.request("GET", "/rotterdam")
        assert visitor.getresponse().read() == b"web"
        visitor.close()
        assert web.heard[0][2]["X-Forwarded-Proto"] == "https"
