"""What the figures are taken on, and which of its cores a process keeps to."""

from __future__ import annotations

import contextlib
import os
import platform
import resource
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    cores = os.cpu_count() or 1
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": cores,
        "load_before": round(os.getloadavg()[0], 2),
        "counting_ms": counting_ms(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "server": "one process, SQLite with synchronous=FULL, over loopback",
        "pages_and_upvotes": "server on a core of its own, client on the others"
        if cores > 1
        else "one core shared",
        "replay": "server, watchers and voters share all cores",
    }


def counting_ms() -> float:
    """How fast the machine is just now: until Python has counted to a million, the best of three.

    A virtual machine may be given half of a processor and never hear of it: nothing runs, and all takes twice as long.
    """
    best = float("inf")
    for _ in range(3):
        began, count = time.perf_counter(), 0
        while count < 1_000_000:
            count += 1
        best = min(best, time.perf_counter() - began)
    return round(best * 1000, 1)


def busy_seconds() -> float:
    """What all cores have worked since the machine started, for whomever; 0 where it does not tell."""
    with contextlib.suppress(OSError):
        user, nice, system, _idle, _waiting, *interrupts = Path("/proc/stat").read_text().split()[1:9]
        ticks = sum(map(int, (user, nice, system, *interrupts)))
        return ticks / os.sysconf("SC_CLK_TCK")
    return 0.0


def own_seconds() -> float:
    """What this process and all it has waited for have worked so far."""
    ours, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


def cpu_seconds(group: int) -> float:
    """What the processes of a group have worked so far, user and system; 0 where the machine does not tell."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            told = stat.read_text().rpartition(")")[2].split()
            if int(told[2]) == group:
                total += int(told[11]) + int(told[12])
    return total / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that descend from it, as far as the machine tells."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(
                int(stat.parent.name)
            )
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def worked(pid: int) -> float:
    """Processor seconds of a process and its descendants so far, those that have ended included."""
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, told[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Bytes a process and its descendants hold; what they share is counted in parts.

    Files that are mapped (programmes, libraries) are left out: the part of them that is ours depends on who else runs
    the same ones, and so a figure of an hour would show what ran beside it.
    """
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                    total += 1024 * int(line.split()[1])
    return total


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@contextlib.contextmanager
def on_first_cores(cores: int | None) -> Iterator[None]:
    """What is started in this block keeps to the first `cores`, we to the others afterwards, where that is possible."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    everywhere = set(range(os.cpu_count() or 1)) & _allowed()
    chosen = set(sorted(everywhere)[:cores])
    os.sched_setaffinity(0, chosen if cores else everywhere)
    try:
        yield
    finally:
        os.sched_setaffinity(0, (everywhere - chosen) or everywhere)


_ALL = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _allowed() -> set[int]:
    return set(_ALL)
