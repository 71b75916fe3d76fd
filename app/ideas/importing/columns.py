"""The columns of the three files. `docs/import.md` explains each."""

from __future__ import annotations

IDEAS = ("id", "author", "kind", "title", "themes", "created_at")
IDEAS_OPTIONAL = ("text", "language", "group", "affiliation", "status", "workshop")
COMMENTS = ("id", "idea", "author", "text", "created_at")
COMMENTS_OPTIONAL = ("parent", "stance", "language")
UPVOTES = ("idea", "author")
UPVOTES_OPTIONAL = ("created_at",)
