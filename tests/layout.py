"""The whole deployment on loopback: nginx, `web` and `live` processes, PostgreSQL and Valkey, until Ctrl-C.

    python3 tasks.py cluster [--port 8080] [--web 2] [--live 1] [--tls] [--no-sample]

Nothing is kept: everything lives in a temporary folder, the database without its disk guarantees.
"""

from __future__ import annotations

import argparse
import contextlib
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from types import FrameType
from typing import Any, NoReturn

from tests.cluster import Cluster
from tests.engines import free_port
from tests.front import Front, find_nginx

LOOKS_EVERY = 0.5  # seconds between two looks whether everything still runs


class Ended(Exception):
    """Somebody told us to end."""


@contextlib.contextmanager
def layout(
    folder: Path, *, web: int = 2, live: int = 1, port: int = 0, tls: bool = False, **settings: Any
) -> Iterator[tuple[Cluster, Front]]:
    """The deployment for as long as the block lasts; `front.url` is its address. Both end cleanly, whatever happens."""
    port = port or free_port()
    settings |= {"public_url": Front.address(port, tls), "https": tls, "proxies": 1}
    with Cluster(web=web, live=live, folder=folder, **settings) as cluster:
        ports = [[one.port for one in kind] for kind in (cluster.web, cluster.live)]
        with Front(folder / "nginx", *ports, port=port, tls=tls) as front:
            yield cluster, front


def main(arguments: list[str]) -> int:
    """Start it all, say where it is, wait for Ctrl-C; 1 where something does not start or ends by itself."""
    chosen = _chosen(arguments)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    with tempfile.TemporaryDirectory(prefix="cities-") as name, contextlib.suppress(Ended):
        _say(f"Starting PostgreSQL, Valkey, {chosen.web} web, {chosen.live} live and nginx ...")
        with layout(
            Path(name), web=chosen.web, live=chosen.live, port=chosen.port, tls=chosen.tls,
            rate_limits=True, assets="cdn", secret_key=secrets.token_urlsafe(48),
        ) as (cluster, front):  # fmt: skip
            if not chosen.no_sample:
                cluster.flask("load-sample")
            _tell(cluster, front)
            gone = _wait(_processes(cluster, front))
            _say(
                f"{gone.name} has ended by itself, everything else is being stopped. Its last words:\n{gone.words()}"
            )
            return 1
    _say("Everything is stopped.")
    return 0


def _chosen(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tasks.py cluster", description="Open the scaled-out board on loopback."
    )
    parser.add_argument("--port", type=int, default=8080, help="port of nginx (default: %(default)s)")
    parser.add_argument("--web", type=int, default=2, help="processes for pages (default: %(default)s)")
    parser.add_argument("--live", type=int, default=1, help="processes for sockets (default: %(default)s)")
    parser.add_argument("--tls", action="store_true", help="with HTTPS, and a certificate nobody vouches for")
    parser.add_argument("--no-sample", action="store_true", help="start with empty boards")
    chosen = parser.parse_args(arguments)
    if not find_nginx():
        sys.exit(
            "nginx is missing: install it (Debian: apt-get install nginx), or name it in the variable CIP_NGINX."
        )
    if chosen.web < 1 or chosen.live < 1:
        sys.exit("One process of each kind is the least.")
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", chosen.port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            sys.exit(f"127.0.0.1:{chosen.port} cannot be used ({reason}); choose another with --port NUMBER.")
    return chosen


@dataclass(frozen=True)
class _Process:
    name: str
    process: Popen[bytes]
    log: Path

    def words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""


def _processes(cluster: Cluster, front: Front) -> list[_Process]:
    found = [(f"web    {one.url}", one.process, one.log) for one in cluster.web]
    found += [(f"live   {one.url}", one.process, one.log) for one in cluster.live]
    engines = [one for one in (cluster.postgres, cluster.valkey) if one]
    found += [(type(one).__name__, one.process, one.folder / "log") for one in engines]
    found += [("nginx", front.process, front.folder / "error.log")]
    return [_Process(name, process, log) for name, process, log in found if process]


def _tell(cluster: Cluster, front: Front) -> None:
    for one in _processes(cluster, front):
        print(f"  {one.name:30} process {one.process.pid}")
    print(f"To become organiser, open this link once: {cluster.flask('organiser-link').strip()}")
    print(f"Cities in Progress is open at {front.url}. Ctrl-C stops everything.", flush=True)


def _wait(processes: list[_Process]) -> _Process:
    """Until one of them ends by itself; Ctrl-C raises Ended."""
    while True:
        for one in processes:
            if one.process.poll() is not None:
                return one
        time.sleep(LOOKS_EVERY)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough: what follows is the clean end
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _say("\nStopping ...")
    raise Ended


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
