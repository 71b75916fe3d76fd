"""One fan-out after another under the same load: ours, Flask-SocketIO as it comes, and Node's, in the same minutes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.load.machine import on_first_cores
from tests.load.preparing import ROOT
from tests.servers import free_port

NODE = Path(__file__).with_name("node")


@dataclass(frozen=True)
class Way:
    """A server that can be asked to fan out; the command without its port."""

    name: str
    title: str
    command: tuple[str, ...]

    def with_port(self, port: int) -> list[str]:
        return [word.format(port=port) for word in self.command]


def ours(way: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.load.fan_server", "{port}", way)


DIRECT = Way("direct", "ours: framed once, written straight", ours("direct"))
STOCK = Way("stock", "our transport, the libraries' queues", ours("stock"))
THEIRS = Way("theirs", "Flask-SocketIO as it comes", ours("theirs"))


def nodes(folder: Path) -> list[Way]:
    """Node's servers, out of the folder they were installed in."""
    command = ("node", str(folder / "server.js"))
    return [
        Way("socket.io", "Node socket.io", (*command, "socket.io", "{port}")),
        Way("ws", "Node ws, no rooms nor pings", (*command, "ws", "{port}")),
    ]


def install_node(folder: Path) -> str:
    """Install Node's servers there, exactly as locked; returns why that cannot be done, or nothing."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "Node's servers are left out: there is no node and npm here."
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "server.js"):
        shutil.copy(NODE / name, folder / name)
    if (folder / "node_modules" / "ws").is_dir():
        return ""
    done = subprocess.run(["npm", "ci", "--silent"], cwd=folder, capture_output=True, text=True, timeout=300)
    return (
        "" if done.returncode == 0 else f"Node's servers are left out: npm says {done.stderr.strip()[:300]}"
    )


@contextlib.contextmanager
def serving(way: Way) -> Iterator[int]:
    """The server on a core of its own; yields its port."""
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NODE_ENV": "production"}
    with on_first_cores(1):
        process = subprocess.Popen(way.with_port(port), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/state"):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


def fan(way: Way, **plan: Any) -> dict[str, Any]:
    """One load on a fresh server; what `fan_clients` found."""
    with serving(way) as port:
        done = subprocess.run(
            [sys.executable, "-m", "tests.load.fan_clients", json.dumps({"port": port, **plan})],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
            timeout=300,
        )
    return dict(json.loads(done.stdout))


def figures(found: dict[str, Any]) -> dict[str, float]:
    """What is compared of one load."""
    delays, last = found["delays"], found["last"]
    return {
        "us": found["server_seconds"] / max(1, found["deliveries"]) * 1e6,
        "p50_ms": at(delays, 0.50) * 1000,
        "p99_ms": at(delays, 0.99) * 1000,
        "last_ms": at(last, 0.50) * 1000,
        "all_ms": found["seconds"] * 1000,
        "kb_each": found["bytes_each"] / 1000,
        "connect_ms": found["connect_seconds"] / max(1, found["watchers"]) * 1000,
    }


def at(ordered: list[float], share: float) -> float:
    """The value below which this share lies; infinite where there is none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


def middle(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure."""
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
