"""Which language a visitor is answered in."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("zh-CN,en;q=0.5", "zh-Hans"),
        ("zh-Hans-CN,en;q=0.8", "zh-Hans"),
        ("fr-CH,en;q=0.5", "fr"),
        ("nl", "nl"),
        ("pt-BR,de;q=0.4", "de"),
        ("pt-BR", "en"),
        ("", "en"),
    ],
)
def test_the_browsers_first_language_that_there_is_wins(client, asked, answered):
    page = client.get("/", headers={"Accept-Language": asked}).get_data(as_text=True)
    assert f'<html lang="{answered}"' in page


def test_the_language_chosen_on_the_page_wins_over_the_browsers(client):
    client.post_form("/language", {"language": "nl", "next": "/rotterdam"})
    page = client.get("/rotterdam", headers={"Accept-Language": "de"}).get_data(as_text=True)
    assert '<html lang="nl"' in page
