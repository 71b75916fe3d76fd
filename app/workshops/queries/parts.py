"""The parts of a workshop's state, each moved by acts of its own."""

from __future__ import annotations

from app.cities.models import Workshop

PARTS = ("phase", "timer", "shows", "spotlight", "code")


def part_of(workshop: Workshop, part: str) -> str:
    """What one of PARTS is now, as a word."""
    if part == "timer":
        ends = workshop.timer_ends_at
        return f"ends {ends.isoformat()}" if ends else f"left {workshop.timer_left_ms}"
    if part == "spotlight":
        return str(workshop.spotlight_id or "")
    if part == "shows":
        return f"{workshop.shows} {workshop.contrasts}".strip()
    if part == "code":
        return workshop.join_code or ""
    return workshop.phase if workshop.opened_at else ""
