"""The pages' scripts, as far as they need no browser, in the Node.js that Playwright brings along."""

from __future__ import annotations

import os
import re
import subprocess

from playwright._impl._driver import compute_driver_executable

from tests.servers import ROOT


def test_the_scripts_pass_their_own_tests():
    files = sorted(str(path) for path in (ROOT / "tests" / "browser" / "js").glob("*.test.js"))
    assert files
    node = compute_driver_executable()[0]
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", *files],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert int(re.search(r"^# pass (\d+)", done.stdout, re.M)[1]) >= len(files)
