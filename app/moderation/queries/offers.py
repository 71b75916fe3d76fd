"""Which acts an item can meet now. The actions decide; this is what is worth offering."""

from __future__ import annotations

_BY_STATE = {
    "published": ("keep", "hide", "hold"),
    "held": ("approve", "decline"),
    "hidden": ("restore",),
}


def offered_for(
    subject: str, state: str, needs: str, *, is_pinned: bool = False, is_locked: bool = False
) -> tuple[str, ...]:
    """The names of the acts, the likeliest first: `keep` only where somebody waits to hear that all is well."""
    if subject == "person":
        return ("unverify",) if state == "verified" else ("verify", "unverify") if needs else ("verify",)
    if subject == "alert":
        return ("look", "dismiss") if needs else ("look",)
    acts = [act for act in _BY_STATE.get(state, ()) if act != "keep" or needs]
    if state in ("hidden", "merged") and needs == "objection":
        acts.append("keep")
    if state == "merged":
        acts.append("merge")  # its page takes it apart
    if subject == "idea" and state in ("published", "held"):
        acts.append("retag")
    if subject == "idea" and state == "published":
        acts += ["merge", "answer", "unpin" if is_pinned else "pin", "unlock" if is_locked else "lock"]
    return tuple(acts)
