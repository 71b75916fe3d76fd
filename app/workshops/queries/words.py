"""What phases and screens' modes are called, in the reader's language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

_PHASES = {
    "lobby": _lp("phase", "Lobby"),
    "collect": _lp("phase", "Collect"),
    "discuss": _lp("phase", "Discuss"),
    "vote": _lp("phase", "Vote"),
    "reveal": _lp("phase", "Reveal"),
    "closed": _lp("phase", "Closed"),
}
_NOW = {
    "lobby": _l("Welcome. It begins in a moment."),
    "collect": _l("Post your ideas, and read what others post."),
    "discuss": _l("Talk about the idea on the wall, and comment on it."),
    "vote": _l("Give your upvotes to the ideas that matter most to you."),
    "reveal": _l("This is what came of the vote."),
    "closed": _l("Thank you. This is what you said together."),
}
_MODES = {
    "join": _lp("screen", "Join"),
    "wall": _lp("screen", "Wall"),
    "top": _lp("screen", "Top"),
    "spotlight": _lp("screen", "Spotlight"),
    "contrast": _lp("screen", "Contrast"),
    "themes": _lp("screen", "Themes"),
    "timer": _lp("screen", "Timer"),
    "agenda": _lp("screen", "Agenda"),
    "blank": _lp("screen", "Blank"),
    "thanks": _lp("screen", "Thank you"),
    "follow": _lp("screen", "As the remote says"),
}


def phase_name(phase: str) -> str:
    """A phase in a word."""
    return str(_PHASES[phase])


def what_now(phase: str) -> str:
    """What the people of a workshop do in a phase."""
    return str(_NOW[phase])


def mode_name(mode: str) -> str:
    """What a screen shows, in a word or two."""
    return str(_MODES[mode])


def words_left(ends: int | None, left: int | None, at: int) -> str:
    """A timer as minutes and seconds, "4:07"; milliseconds in, the last second counted to its end. Empty for none."""
    if ends is None and left is None:
        return ""
    remains = max(0, (left or 0) if ends is None else ends - at)
    seconds = -(-remains // 1000)
    return f"{seconds // 60}:{seconds % 60:02d}"
