"""The accounts' pages. Each module adds its own to the one blueprint."""

from app.accounts.routes import account, joining, links
from app.accounts.routes.blueprint import blueprint

__all__ = ["account", "blueprint", "joining", "links"]
