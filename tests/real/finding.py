"""Where the real data sets lie: beside the project, in `../shared/data`, or in the folder that CIP_DATA names."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DECIDIM = "decidim-barcelona-pam2016"
POLIS = "polis-vtaiwan-uberx-zh"


def data_set(name: str) -> Path | None:
    """The folder of one of the sets, or None where it is not on this machine."""
    folder = Path(os.environ.get("CIP_DATA") or ROOT.parent / "shared" / "data") / name
    return folder if folder.is_dir() else None
