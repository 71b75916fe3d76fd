"""Test files, each in a pytest of its own, two at a time; what failed is run once more, alone.

    python -m tests.file_by_file FOLDER [options for pytest]

For tests that drive browsers. A browser may stop answering for good: then the file it was in ends with its time, and
no other one with it. Whatever a file has started and left behind is ended before the next one begins.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

AT_ONCE = 2
WITHIN = 900
"""Seconds for a file."""
MARK = "CIP_TEST_FILE"
"""What a file starts carries this in its environment, with the file's own value."""


@dataclass
class Run:
    """A file that is being tested: what it says is kept until it has ended."""

    path: Path
    options: list[str]
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    said: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *self.options, str(self.path)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.said,
            stderr=subprocess.STDOUT,
            env={**os.environ, MARK: self.mark},
        )

    def has_ended(self) -> bool:
        if self._process.poll() is None and time.monotonic() - self.began > WITHIN:
            self._process.kill()
            self._process.wait()
        return self._process.returncode is not None

    def tell(self) -> bool:
        """Print what it said; returns whether all its tests passed."""
        end_those_marked(self.mark)
        took = time.monotonic() - self.began
        self.said.seek(0)
        print(f"\n--- {self.path.name}, {took:.0f} s", flush=True)
        sys.stdout.buffer.write(self.said.read())
        sys.stdout.flush()
        self.said.close()
        return self._process.returncode == 0

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        end_those_marked(self.mark)


def end_those_marked(mark: str) -> None:
    """End what a file has started and not ended, whoever's child it is by now, as far as the machine tells."""
    wanted = f"{MARK}={mark}".encode()
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if wanted in environ.read_bytes().split(b"\0"):
                os.kill(int(environ.parent.name), signal.SIGKILL)


def run_all(paths: list[Path], options: list[str], at_once: int) -> list[Path]:
    """Run the files; returns those in which something failed."""
    waiting, running, failed = list(paths), list[Run](), list[Path]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(Run(waiting.pop(0), options))
            time.sleep(0.1)
            for run in [one for one in running if one.has_ended()]:
                running.remove(run)
                if not run.tell():
                    failed.append(run.path)
    finally:
        for run in running:
            run.end()
    return failed


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what runs is ended, too
    folder, options = Path(arguments[0]), arguments[1:]
    # the longest first, as far as their size tells, so that none is waited for in the end
    paths = sorted(folder.glob("test_*.py"), key=lambda path: path.stat().st_size, reverse=True)
    if not paths:
        print(f"There is no test in {folder}.")
        return 1
    failed = run_all(paths, options, AT_ONCE)
    if failed:
        print("\n=== once more, alone:", ", ".join(path.name for path in failed), flush=True)
        failed = run_all(failed, options, 1)
    print(f"\n{len(paths)} files, {len(failed)} failed: {', '.join(path.name for path in failed) or 'none'}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
