"""Files of tests that run apart: a test that hangs ends its own file, and only what passed passes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT

PASSES = "def test_it(): pass\n"
FAILS = "def test_it(): assert False, 'always'\n"
FAILS_ONCE = """
from pathlib import Path
def test_it():
    seen = Path(__file__).with_suffix(".seen")
    before = seen.exists()
    seen.touch()
    assert before
"""
HANGS_ONCE = """
import subprocess, time
from pathlib import Path
def test_it():
    left = Path(__file__).with_suffix(".left")
    if not left.exists():
        started = subprocess.Popen(["sleep", "600"], start_new_session=True)
        left.write_text(str(started.pid))
        time.sleep(600)
"""


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the files in `folder`, with a second or two for each test."""
    options = ["--rootdir", str(folder), "-o", "timeout=2", "-o", "timeout_method=thread", "-q"]
    return subprocess.run(
        [sys.executable, "-m", "tests.file_by_file", str(folder), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def write(folder: Path, **files: str) -> None:
    for name, source in files.items():
        (folder / f"test_{name}.py").write_text(source)


def test_what_failed_or_hung_is_tried_once_more(tmp_path: Path) -> None:
    write(tmp_path, good=PASSES, once=FAILS_ONCE, hangs=HANGS_ONCE)
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "3 files, 0 failed: none." in done.stdout
    assert "once more, alone:" in done.stdout and "Timeout" in done.stdout
    if Path("/proc/self/cmdline").exists():  # what the hanging one had started has ended
        left = Path("/proc", (tmp_path / "test_hangs.left").read_text(), "cmdline")
        assert not left.exists() or left.read_bytes() == b""  # nobody may have asked yet how it ended


def test_what_fails_twice_failed_and_so_does_what_has_no_test(tmp_path: Path) -> None:
    write(tmp_path, good=PASSES, bad=FAILS, empty="")
    done = run(tmp_path)
    assert done.returncode == 1
    assert "3 files, 2 failed:" in done.stdout and "always" in done.stdout
    assert "test_bad.py" in done.stdout.splitlines()[-1] and "test_empty.py" in done.stdout.splitlines()[-1]


def test_a_folder_without_tests_is_not_a_success(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 1 and "There is no test in" in done.stdout
