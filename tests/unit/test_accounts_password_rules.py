"""What counts as a password that is guessed first, and what does not."""

from __future__ import annotations

import pytest

from app.accounts.passwords import SHORTEST, _common, is_too_easy


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
