"""The token of a link that ends mail without signing in. It opens nothing else, and never grows old.

It names the account, signed; whoever holds a letter can end letters like it, which is all it is good for.
"""

from __future__ import annotations

from itsdangerous import BadData, URLSafeSerializer

from app.core.config import settings
from app.core.database import is_id

PURPOSE = "no more mail about notices"


def token_for(user_id: int) -> str:
    """What stands at the end of the link in this person's letters."""
    written = _signer().dumps(user_id)
    return written if isinstance(written, str) else written.decode()


def user_id_of(token: str) -> int | None:
    """Whose letters the link is about; None where we have not signed it."""
    try:
        said = _signer().loads(token)
    except BadData:
        return None
    return said if isinstance(said, int) and not isinstance(said, bool) and is_id(said) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt=PURPOSE)
