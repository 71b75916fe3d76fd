"""What people type: cleaned on its way in, cut on its way out, folded for search."""

from __future__ import annotations

import unicodedata

import pytest

from app.core.text import (
    MARKS_IN_A_ROW,
    clean_line,
    clean_text,
    excerpt,
    fold,
    markdown,
    plain,
    query_words,
    slugify,
)

ZALGO = "H" + "\u0335\u0321\u0322\u0327\u0328\u0334\u0336\u0337" * 20 + "i"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("", ""),
        ("  two words  ", "two words"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a\x00b\x07c\x1bd\x7fe", "abcde"),
        ("e\u0301", "\u00e9"),
        ("line\r\nline\rline", "line\nline\nline"),
        ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ("\tindented", "indented"),
        ("a\tb", "a\tb"),
        ("\ud800", ""),
        ("\ue000\U000f0000", ""),
        ("👩‍🔧 🇳🇱 👍🏽", "👩‍🔧 🇳🇱 👍🏽"),
        ("चक्की", "चक्की"),
        ("مُحَمَّد", "مُحَمَّد"),
        ("鹿特丹的自行车", "鹿特丹的自行车"),
    ],
)
def test_text_keeps_what_people_mean_and_drops_what_misleads(typed, kept):
    assert clean_text(typed) == kept


@pytest.mark.parametrize(
    "blank", ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u2800", "\u200d\ufe0f", "\u0301"]
)
def test_a_line_of_which_nothing_can_be_seen_is_empty(blank):
    assert clean_line(blank * 10) == ""
    assert clean_line(f"Mara {blank}") != ""


def test_joiners_between_marks_build_no_tower():
    tower = "Z" + ("\u0335\u0321\u0322\u0327" + "\u200d") * 20
    marks = [character for character in clean_text(tower) if unicodedata.combining(character)]
    assert len(marks) <= MARKS_IN_A_ROW


def test_a_tower_of_combining_marks_is_cut():
    kept = unicodedata.normalize("NFD", clean_text(ZALGO))
    assert sum(unicodedata.combining(c) > 0 for c in kept) <= MARKS_IN_A_ROW
    assert kept[0] == "H" and kept[-1] == "i"


def test_a_line_is_one_line():
    assert clean_line(" a \n b\t\tc\u00a0d ") == "a b c d"


@pytest.mark.parametrize("clean", [clean_text, clean_line])
@pytest.mark.parametrize(
    "typed", ["a\u202eb", ZALGO, " x\n\n\n\n\ny ", "e\u0301\u0301\u0301\u0301\u0301\u0301"]
)
def test_cleaning_twice_is_cleaning_once(clean, typed):
    assert clean(clean(typed)) == clean(typed)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
        ("# no heading", "<p># no heading</p>"),
    ],
)
def test_markdown_shows_the_few_things_it_may(typed, shown):
    assert markdown(typed).strip() == shown


def test_links_are_marked_as_the_users_own():
    shown = markdown("[tram](https://ret.example/) and https://rotterdam.example/x")
    assert shown.count("<a ") == 2
    assert shown.count('rel="nofollow ugc noopener noreferrer"') == 2
    assert 'href="https://ret.example/"' in shown


@pytest.mark.parametrize(
    "typed",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](&#106;avascript:alert(1))",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n[x]",
        "[x](java\nscript:alert(1))",
    ],
)
def test_no_link_leads_into_a_script(typed):
    shown = str(markdown(typed)).lower()
    assert (
        'href="j' not in shown
        and 'href="d' not in shown
        and 'href="v' not in shown
        and 'href="f' not in shown
    )


def test_images_do_not_survive():
    assert "<img" not in markdown("![x](https://evil.example/track.gif)")


def test_plain_text_has_no_marks_and_spaces_between_blocks():
    assert plain("# One\n\n*two*\nthree\n\n- four\n- five & <six>") == "# One two three four five & <six>"


def test_an_excerpt_is_cut_between_words_and_says_so():
    cut = excerpt("word " * 100, 50)
    assert len(cut) <= 50 and cut.endswith("word…")
    assert excerpt("short") == "short"
    assert len(excerpt("鹿" * 500)) <= 200


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Straßenbahn nach Schöneberg", "strassenbahn"),
        ("Straßenbahn nach Schöneberg", "SCHONEBERG"),
        ("Fietsenstalling bij het Café", "cafe"),
        ("鹿特丹需要更多自行车停车位", "停车"),
        ("鹿特丹需要更多自行车停车位", "自行车"),
        ("鹿特丹需要更多自行车停车位", "车"),
        ("ＢＵＳ lane", "bus"),
        ("İstanbul", "istanbul"),
        ("E-scooter", "scooter"),
    ],
)
def test_folding_lets_a_search_find_its_word(text, asked):
    words = fold(text).split()
    assert all(any(word.startswith(part) for word in words) for part in query_words(asked))


def test_a_search_has_a_bound_and_no_operators():
    assert len(query_words(" ".join(f"word{n}" for n in range(100)))) == 16
    assert query_words('" OR * NEAR( ) : ^ -') == ["or", "near"]
    assert query_words("！？…") == []


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Bike lane on Coolsingel", "bike-lane-on-coolsingel"),
        ("Straßen für alle!", "strassen-fur-alle"),
        ("更多自行车", "更多自行车"),
        ("!!!", "idea"),
        ("", "idea"),
        ("a/../../b?c#d", "a-b-c-d"),
    ],
)
def test_the_words_of_an_address(title, words):
    assert slugify(title) == words


def test_long_words_of_an_address_are_cut_between_words():
    assert slugify("word " * 40) == "-".join(["word"] * 12)
    assert len(slugify("x" * 300)) == 60
