"""Turns vTaiwan's conversation on UberX of 2015 into the files of `flask import-board`.

    python -m tests.real.convert_polis FOLDER

What is kept: all 197 statements, whatever the moderators decided about them then; each voter's last vote on each
statement, where it says *agree*, as an upvote. What is dropped: *disagree* and *pass*, which the board does not know.
What is decided here, because the source does not say it:

- kind: a statement that says what should be done is an opportunity, any other a challenge (words below);
- themes: keywords, below; a statement without any is about shared mobility, the subject of the conversation;
- group: everybody is a resident.

The authors' own agreeing votes are in the file; the import skips and counts them, since nobody upvotes their own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.ideas.models import TITLE_MIN
from tests.real.finding import POLIS, data_set
from tests.real.shaping import read, title_and_text, write

SOURCE = (
    "Data was gathered using the Polis software (compdemocracy.org/polis) and is sub-licensed under CC BY 4.0 with "
    "Attribution to The Computational Democracy Project. Changed: agreeing votes became upvotes, other votes were left "
    "out, long statements got a shortened title, kinds and themes were assigned by keywords."
)
SOURCE_URL = "https://compdemocracy.org/case-studies/2015-vtaiwan-uberx"

OPPORTUNITY = re.compile("應該|應|可以|希望|必須|需要|贊成|建議|不如|才是|能讓|有責任")
THEMES = {
    "safety": "安全|保險|保障|風險|酒|肇事|治安|搶|考核|執照|駕照|違法|取締|法|管制|健檢|擔心|把關|投保",
    "access": "公平|稅|費|價|便宜|偏鄉|收入|就業|失業|消費者|選擇|歧視|權益|補助|補貼",
    "sharing": "共乘|共享|分享|自用車|媒合|平台|平臺|閒置|租車|叫車|uber",
    "public-transport": "大眾運輸|大眾|公車|捷運|公共運輸|客運",
    "automated": "自動駕駛|無人|科技|GPS|app",
    "air-climate": "環保|浪費",
    "congestion": "交通問題|空車率|車道|尖峰",
    "connection": "方便|便捷|預約|派遣",
}
_WORDS = {theme: re.compile(words, re.IGNORECASE) for theme, words in THEMES.items()}
FALLBACK = "sharing"

LABEL = "意見"
"""“Statement”: stands before one that is too short for a title."""


def convert(source: Path, target: Path) -> None:
    """Write `ideas.csv` and `upvotes.csv` into the folder `target`."""
    write(target, "ideas", _ideas(source / "comments.csv"))
    write(target, "upvotes", _upvotes(source / "votes.csv"))


def themes_of(statement: str) -> tuple[str, ...]:
    """One to three themes, the one with most words first."""
    counts = {theme: len(words.findall(statement)) for theme, words in _WORDS.items()}
    ranked = sorted((theme for theme in counts if counts[theme]), key=lambda theme: -counts[theme])
    return tuple(ranked[:3]) or (FALLBACK,)


def _ideas(path: Path) -> Iterator[dict[str, Any]]:
    for row in read(path):
        statement = row["comment-body"].strip()
        if len(statement) < TITLE_MIN:
            title, text = f"{LABEL} {row['comment-id']}：{statement}", statement
        else:
            title, text = title_and_text(statement, "")
        yield {
            "id": f"statement-{row['comment-id']}",
            "author": row["author-id"],
            "kind": "opportunity" if OPPORTUNITY.search(statement) else "challenge",
            "title": title,
            "text": text,
            "themes": "|".join(themes_of(statement)),
            "language": "zh-Hant",
            "created_at": _moment(row["timestamp"]),
        }


def _upvotes(path: Path) -> Iterator[dict[str, Any]]:
    last: dict[tuple[str, str], dict[str, str]] = {}
    for row in sorted(read(path), key=lambda row: int(row["timestamp"])):
        last[row["comment-id"], row["voter-id"]] = row
    for row in last.values():
        if row["vote"] == "1":
            yield {
                "idea": f"statement-{row['comment-id']}",
                "author": row["voter-id"],
                "created_at": _moment(row["timestamp"]),
            }


def _moment(milliseconds: str) -> str:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).isoformat(timespec="milliseconds")


def main() -> None:
    """Convert the set beside the project into the folder named on the command line."""
    source = data_set(POLIS)
    if source is None or len(sys.argv) != 2:
        sys.exit(
            f"Give the folder to write to; the data set {POLIS} is read from ../shared/data or $CIP_DATA."
        )
    convert(source, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
