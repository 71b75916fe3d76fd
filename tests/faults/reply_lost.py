"""The reply is lost on the way, and the form is sent again: before the answer came, after it, and both at once."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

from tests.faults.doses import Dose
from tests.faults.ground import Ground, Row, ground
from tests.faults.ledger import Entry
from tests.faults.writing import written
from tests.load.layouts import one_process, scaled_out
from tests.load.questions import Line

THREADS = 8


def run(dose: Dose) -> Iterator[Row]:
    """On the single process and on the scaled-out one."""
    for layout in (one_process("sqlite"), scaled_out(web=2, live=1)):
        with ground(layout) as here:
            yield lose_replies(here, dose)


def lose_replies(here: Ground, dose: Dose) -> Row:
    """Everybody's replies are lost once."""
    row = Row("reply lost, form sent again", here.layout.name, f"{dose.replies} replies")
    turns = iter(range(dose.replies))
    lock = threading.Lock()
    refused: list[int] = []
    sent: list[int] = []

    def work(number: int) -> None:
        chance = random.Random(number)
        while True:
            with lock:
                turn = next(turns, None)
            if turn is None:
                return
            status = _twice(here, turn, chance)
            with lock:
                sent.append(turn)
            if status not in (200, 201):
                refused.append(status)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row.hold_dose("forms sent twice", len(sent), dose.replies)
    row.hold("second sendings refused", len(refused), "<=", 0)
    row.facts["refused"] = refused[:20]
    row.hold_ledger(here.check())
    return row


def _twice(here: Ground, turn: int, chance: random.Random) -> int:
    """Send, lose the reply, send again; returns the status of the second answer."""
    ports = here.web
    who = turn % len(here.crowd.cookies)
    entry, path, body = _something(here, turn, who)
    first, second = Line(chance.choice(ports)), Line(chance.choice(ports))
    first.begin(written(here.crowd, first.port, path, body, who))
    if turn % 3 == 0:  # the reply is under way, or has not been made
        time.sleep(chance.uniform(0, 0.03))
        first.close()
    elif turn % 3 == 1:  # the reply is there, and nobody reads it
        assert first.socket is not None
        first.socket.recv(1)
        first.close()
    second.begin(written(here.crowd, second.port, path, body, who))  # in the third case beside the first
    status, answer = second.finish()
    here.ledger.after(entry, status, json.loads(answer).get("id"))
    first.close()
    second.close()
    return status


def _something(here: Ground, turn: int, who: int) -> tuple[Entry, str, dict[str, Any]]:
    crowd, key = here.crowd, str(uuid.uuid4())
    idea = crowd.ideas[turn // 3 % len(crowd.ideas)]
    kind = ("idea", "comment", "upvote")[turn // 3 % 3]
    if kind == "idea":
        body = {"kind": "challenge", "title": f"Sent twice, number {turn}", "text": "", "themes": "2"}
        entry = here.ledger.before("idea", crowd.voters[who], key=key)
        return entry, f"/{crowd.city}/ideas", {**body, "submission_key": key}
    if kind == "comment":
        entry = here.ledger.before("comment", crowd.voters[who], idea=idea, key=key)
        return entry, f"/ideas/{idea}/comments", {"text": f"Sent twice: {turn}.", "submission_key": key}
    entry = here.ledger.before("upvote", crowd.voters[who], idea=idea)
    return entry, f"/ideas/{idea}/upvote", {"upvote": "on"}
