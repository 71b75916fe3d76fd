"""QR codes as SVG: black on white with a quiet zone, whatever the page around them looks like."""

from __future__ import annotations

from functools import lru_cache

import segno
from markupsafe import Markup, escape

QUIET = 4
"""Modules of white around the code; readers need four."""


@lru_cache(maxsize=256)
def qr_svg(address: str, label: str) -> Markup:
    """An inline SVG of the address, as large as its box; `label` says to a screen reader where it leads.

    Error correction M: seen from the last row, with a head in front of a corner of it.
    """
    code = segno.make(address, error="m", micro=False)
    path: list[str] = []
    for y, row in enumerate(code.matrix_iter(border=QUIET)):
        x = 0
        bits = list(row)
        while x < len(bits):
            run = next((n for n in range(x, len(bits)) if not bits[n]), len(bits)) - x
            if run:
                path.append(f"M{x} {y}h{run}v1h-{run}z")
            x += max(run, 1)
    side = code.symbol_size(border=QUIET)[0]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label="{}" viewBox="0 0 {} {}" '
        'shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{}v{}H0z"/><path fill="#000" d="{}"/></svg>'
    ).format(escape(label), side, side, side, side, "".join(path))
