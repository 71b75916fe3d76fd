"""The application for commands (`flask --app wsgi …`) and for a WSGI server (`gunicorn wsgi:app`)."""

import sys

from app.core.config import WrongSetting
from app.factory import create_app

GIVES_UP = 3  # gunicorn starts a worker that ends with another code again, for ever

try:
    app = create_app()
except WrongSetting as reason:
    print(reason, file=sys.stderr)
    sys.exit(GIVES_UP)
except OSError as error:
    print(f"The data folder {error.filename} cannot be written ({error.strerror}).", file=sys.stderr)
    sys.exit(GIVES_UP)
