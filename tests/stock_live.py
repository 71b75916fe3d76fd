"""A live process on libraries that have changed inside, as it believes: it sends in their own way."""

import signal
import sys

import app.live_main as live_main  # first: it makes the standard library cooperative
from app.live import fanout

if __name__ == "__main__":
    fanout.EXPECTED = "another version"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(live_main.main())
