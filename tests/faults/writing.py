"""People who write: ideas, comments, upvotes, over HTTP, each request in a ledger before it leaves.

What gets no answer, or is told to come again, is sent again with the same key until it is acknowledged, as the page
does with what waits in it.
"""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from tests.faults.ledger import Entry, Ledger
from tests.load.asking import request
from tests.load.crowd import WORDS, Crowd
from tests.load.questions import Line

AGAIN = (0.2, 0.5)
"""Seconds until what failed is sent again."""
SHARES = {"upvote": 0.7, "comment": 0.2, "idea": 0.1}


class Writer(threading.Thread):
    """A few of the crowd's people, one request after the other."""

    def __init__(self, writers: Writers, number: int) -> None:
        super().__init__(daemon=True, name=f"writer-{number}")
        self.writers, self.number = writers, number
        crowd = writers.crowd
        self.people = range(number, len(crowd.cookies), writers.how_many)
        self.chance = random.Random(number)
        self.lines = {port: Line(port, writers.patience) for port in writers.ports}
        self.turn = number
        self.given: dict[tuple[int, int], bool] = {}
        self.is_idle = True

    def run(self) -> None:
        due = time.monotonic() + self.chance.uniform(0, self.writers.every)
        while not self.writers.ended.is_set():
            if self.writers.ended.wait(max(0.0, due - time.monotonic())):
                break
            due = max(
                due + self.writers.every, time.monotonic() - 1.0
            )  # what a fault held up is not made up for
            if not self.writers.may_write.wait(0.2):
                continue
            self.is_idle = False
            self.write()
            self.is_idle = True
        for line in self.lines.values():
            line.close()

    def write(self) -> None:
        """One thing, sent until it is acknowledged or nobody wants it any more."""
        who = self.chance.choice(self.people)
        (kind,) = self.chance.choices(list(SHARES), list(SHARES.values()))
        entry, path, body = getattr(self, "_" + kind)(who)
        while not self.send(entry, path, body, who):
            if self.writers.ended.wait(self.chance.uniform(*AGAIN)):
                return

    def _idea(self, who: int) -> tuple[Entry, str, dict[str, Any]]:
        crowd = self.writers.crowd
        key = str(uuid.uuid4())
        words = " ".join(self.chance.sample(WORDS, 3))
        body = {
            "kind": "opportunity",
            "title": f"For more {words}",
            "text": "Said in the storm.",
            "themes": "1",
        }
        entry = self.writers.ledger.before("idea", crowd.voters[who], key=key)
        return entry, f"/{crowd.city}/ideas", {**body, "submission_key": key}

    def _comment(self, who: int) -> tuple[Entry, str, dict[str, Any]]:
        crowd = self.writers.crowd
        key, idea = str(uuid.uuid4()), self.chance.choice(crowd.ideas)
        entry = self.writers.ledger.before("comment", crowd.voters[who], idea=idea, key=key)
        return entry, f"/ideas/{idea}/comments", {"text": f"Written as {key}.", "submission_key": key}

    def _upvote(self, who: int) -> tuple[Entry, str, dict[str, Any]]:
        crowd = self.writers.crowd
        idea = self.chance.choice(crowd.ideas)
        wanted = not self.given.get((who, idea), False) or self.chance.random() < 0.2
        self.given[who, idea] = wanted
        entry = self.writers.ledger.before("upvote", crowd.voters[who], idea=idea, wanted=wanted)
        return entry, f"/ideas/{idea}/upvote", {"upvote": "on" if wanted else "off"}

    def send(self, entry: Entry, path: str, body: dict[str, Any], who: int) -> bool:
        """Send it once; returns whether it was acknowledged. The next attempt goes to another port, if there is one."""
        ports = self.writers.ports
        port = ports[self.turn % len(ports)]
        status, made = 0, None
        try:
            status, answer = self.lines[port].send(written(self.writers.crowd, port, path, body, who))
            if status in (200, 201):
                made = json.loads(answer).get("id")
        except (OSError, ValueError):
            self.lines[port].close()
        self.writers.ledger.after(entry, status, made)
        if status not in (200, 201):
            self.turn += 1
        return status in (200, 201)


def written(crowd: Crowd, port: int, path: str, body: dict[str, Any], who: int) -> bytes:
    """A write as the page's script sends it."""
    headers = {**crowd.headers(who), "Origin": f"http://127.0.0.1:{port}"}
    return request("POST", path, port, body=urlencode(body).encode(), headers=headers)


class Writers:
    """So many writes a second, of many people, until they are ended."""

    def __init__(
        self, crowd: Crowd, ports: Sequence[int], ledger: Ledger, *, per_second: float, how_many: int = 16,
        patience: float = 10.0,
    ) -> None:  # fmt: skip
        self.crowd, self.ports, self.ledger, self.patience = crowd, list(ports), ledger, patience
        self.how_many = min(how_many, len(crowd.cookies))
        self.every = self.how_many / per_second
        self.ended, self.may_write = threading.Event(), threading.Event()
        self.may_write.set()
        self._writers = [Writer(self, number) for number in range(self.how_many)]

    def __enter__(self) -> Writers:
        for writer in self._writers:
            writer.start()
        return self

    def __exit__(self, *_told: object) -> None:
        self.end()

    def pause(self, seconds: float = 30.0) -> bool:
        """Begin nothing new; returns whether all that was begun has been acknowledged within so many seconds."""
        self.may_write.clear()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if all(writer.is_idle for writer in self._writers):
                time.sleep(0.01)  # one may have begun in between
                if all(writer.is_idle for writer in self._writers):
                    return True
            time.sleep(0.02)
        return False

    def go_on(self) -> None:
        """Write again."""
        self.may_write.set()

    def end(self) -> None:
        """Stop, whatever is not acknowledged yet."""
        self.ended.set()
        for writer in self._writers:
            writer.join(self.patience + 5)
