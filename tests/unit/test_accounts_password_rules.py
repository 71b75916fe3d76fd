"""What counts as a password that is guessed first, and what does not."""

from __future__ import annotations

import threading
import time

import pytest

from app.accounts import passwords
from app.accounts.passwords import AT_ONCE, SHORTEST, _common, is_too_easy


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "qwertyuiop",
        "QWERTYUIOP",
        "password123",
        "1qaz2wsx3edc",
        "basketball",
        "aaaaaaaaaaaa",
        "1212121212",
        "abcabcabcabc",
        "correctcorrect",
        "asdfgh12345",
        "0987654321",
        "abcdefghijkl",
        "lkjhgfdsapoiuytrewq",
        "CitiesInProgress",
        "mobility2026",
        "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10",
    ],
)
def test_what_attackers_try_first_is_refused(password):
    assert is_too_easy(password)


@pytest.mark.parametrize(
    "password", ["mara.visser", "Visser-Mara", "maravisser99", "mara@example", "gemeente-mara"]
)
def test_words_about_the_person_are_refused(password):
    assert is_too_easy(password, ("Mara Visser", "mara@example.org", "Gemeente Rotterdam"))


@pytest.mark.parametrize(
    "password",
    [
        "seven trams to the sea",
        "correct horse battery staple",
        "4f9d1c77ab",
        "zwolf graue Katzen",
        "\u5317\u4eac\u7684\u5730\u94c1\u5f88\u65b9\u4fbf\u5feb\u6377",
        "progress is slow on the A20",
    ],
)
def test_other_passwords_are_taken_without_composition_rules(password):
    assert not is_too_easy(password, ("Mara Visser", "mara@example.org", None))


def test_the_list_holds_only_what_is_long_enough_to_be_typed():
    assert len(_common()) > 2000
    assert all(len(word) >= SHORTEST and word == word.lower() for word in _common())


def test_a_room_that_registers_at_once_does_not_fill_the_memory(monkeypatch):
    at_work = most = 0
    lock = threading.Lock()

    class Watched:
        def hash(self, _password):
            nonlocal at_work, most
            with lock:
                at_work += 1
                most = max(most, at_work)
            time.sleep(0.005)
            with lock:
                at_work -= 1
            return "hash"

    monkeypatch.setattr(passwords, "hasher", Watched())
    room = [threading.Thread(target=passwords.hash_password, args=("x",)) for _ in range(30)]
    for person in room:
        person.start()
    for person in room:
        person.join()

    assert 1 < most <= AT_ONCE
