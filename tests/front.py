"""nginx in front of processes on loopback, configured by the very files in deploy/nginx."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.engines import end, free_port
from tests.servers import ROOT

DEPLOY = ROOT / "deploy" / "nginx"
MAIN = """\
{user}
daemon off;
worker_processes 2;
worker_rlimit_nofile {files};
pid {folder}/pid;
lock_file {folder}/lock;
error_log {folder}/error.log warn;
events {{ worker_connections {connections}; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {site};
}}
"""
PLAIN = """\
include board-place.conf;
include board/http.conf;
server {{
    listen 127.0.0.1:{port};
    access_log {folder}/access.log board if=$board_noted;
    include board/locations.conf;
}}
"""


def find_nginx() -> str | None:
    """The nginx of this machine, or the one that CIP_NGINX names; None where there is none that can be run."""
    if given := os.environ.get("CIP_NGINX"):
        return shutil.which(given)
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


class Front:
    """`with Front(folder, web=[8101, 8102], live=[8201]) as front:`; `url` is where it is reached.

    With `tls` it is deploy/nginx/site.conf itself, with a certificate for localhost that nobody vouches for
    (`certificate`); `plain_url` leads on to `url` then.
    """

    def __init__(
        self, folder: Path, web: Sequence[int], live: Sequence[int], *, port: int = 0, tls: bool = False
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = self.address(self.port, tls)
        self.plain_url = f"http://localhost:{free_port()}" if tls else self.url
        self.certificate = folder / "tls" / "fullchain.pem"
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "board").symlink_to(DEPLOY)
        (folder / "board-place.conf").write_text(_place(folder, web, live))
        (folder / "site.conf").write_text(
            self._with_tls() if tls else PLAIN.format(port=self.port, folder=folder)
        )
        files = min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        (folder / "nginx.conf").write_text(
            MAIN.format(
                folder=folder,
                site=folder / "site.conf",
                files=files,
                connections=files // 2,
                user="user root;" if os.geteuid() == 0 else "",  # else the folder would have to be another's
            )
        )

    @staticmethod
    def address(port: int, tls: bool) -> str:
        """What to type into a browser."""
        return f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"

    def _with_tls(self) -> str:
        self.certificate.parent.mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", self.certificate.with_name("privkey.pem"), "-out", self.certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        site = (DEPLOY / "site.conf").read_text(encoding="utf-8")
        site = re.sub(r" *listen \[::\].*\n", "", site)
        site = site.replace("listen 80 ", f"listen 127.0.0.1:{self.plain_url.rpartition(':')[2]} ")
        site = site.replace("listen 443 ", f"listen 127.0.0.1:{self.port} ")
        site = site.replace("https://$host$request_uri", f"https://$host:{self.port}$request_uri")
        site = site.replace("/etc/letsencrypt/live/board", str(self.certificate.parent))
        return site.replace("/var/log/nginx", str(self.folder)).replace("/var/www", str(self.folder))

    def _command(self, *more: str) -> list[str | Path]:
        programme = find_nginx()
        assert programme, "nginx is not installed"
        return [
            programme,
            "-e",
            self.folder / "error.log",
            "-p",
            self.folder,
            "-c",
            self.folder / "nginx.conf",
            *more,
        ]

    def check(self) -> str:
        """What `nginx -t` says of the configuration; empty when it has nothing to say against it."""
        done = subprocess.run(self._command("-t", "-q"), capture_output=True, text=True)
        return done.stderr or ("" if done.returncode == 0 else f"nginx -t ended with {done.returncode}")

    def start(self) -> Self:
        """Start and wait until it takes connections (at most 10 s)."""
        self.process = subprocess.Popen(self._command(), start_new_session=True)
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"nginx did not start:\n{self.check()}")

    def stop(self) -> None:
        """End it as an operator does; open connections are cut."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            end(self.process, 10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()


def _place(folder: Path, web: Sequence[int], live: Sequence[int]) -> str:
    """place-server.conf with other ports, and its cache in `folder`."""
    place = (DEPLOY / "place-server.conf").read_text(encoding="utf-8")
    for first, ports in ((81, web), (82, live)):
        servers = "".join(f"    server 127.0.0.1:{port} max_fails=0;\n" for port in ports)
        place, found = re.subn(rf"(?:    server 127\.0\.0\.1:{first}\d\d max_fails=0;\n)+", servers, place)
        assert found, f"place-server.conf names no port that begins with {first}"
    return place.replace("/var/lib/nginx/board", str(folder / "assets"))
