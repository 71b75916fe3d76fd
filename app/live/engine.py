"""Engine.IO for pages that only watch: websockets alone, no greenlet for writing, none for a ping.

python-engineio gives each socket a queue, a greenlet that empties it and one that sleeps until the next ping. With our
transport nothing of that is needed: a message is framed once and written to every page, and one greenlet pings all.
"""

from __future__ import annotations

import heapq
import itertools
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import gevent
import structlog
from engineio import Server
from engineio.exceptions import UnknownPacketError
from engineio.packet import CLOSE, MESSAGE, OPEN, PING, PONG, Packet
from engineio.socket import Socket

from app.live.frames import POLICY, frame, message_frame
from app.live.handshake import Refused, opening
from app.live.transport import Channel

log = structlog.get_logger(__name__)

AT_ONCE = 1000
"""Pages written to before others of the process have their turn."""
PING_FRAME, CLOSE_FRAME, ANSWER = frame(str(PING).encode()), frame(str(CLOSE).encode()), str(PONG)


class Page(Socket):
    """One page's socket. It has python-engineio's face, and nothing waits in its `queue`."""

    server: Engine
    closed: bool
    closing: bool
    last_ping: float | None

    def __init__(self, server: Engine, sid: str) -> None:
        super().__init__(server, sid)
        self.channel: Channel | None = None
        self._early: list[bytes] = []
        self.write: Callable[[bytes], None] = self._early.append

    def send(self, pkt: Packet) -> None:
        """Send one packet; nothing happens once the page has gone."""
        if not self.closed:
            self.write(message_frame(pkt.encode()))

    def serve(self, channel: Channel) -> None:
        """Receive until the websocket is over."""
        self.channel, self.connected, self.upgraded = channel, True, True
        self.write = channel.write
        for data in self._early:
            channel.write(data)
        self._early.clear()
        try:
            while (message := channel.read()) is not None and not self.closed:
                if message == ANSWER:
                    self.schedule_ping()
                elif not self._received(message):
                    channel.close(POLICY)
        finally:
            self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            channel.end()

    def _received(self, message: str | bytes) -> bool:
        """Whether it made sense. What handlers raise, the server has logged already."""
        try:
            self.receive(Packet(encoded_packet=message))
        except (ValueError, UnknownPacketError) as error:
            log.info("refused", kind="socket_packet", why=str(error))
            return False
        return True

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """End the socket; never waits."""
        if self.closed or self.closing:
            return
        self.closing = True
        self.server._trigger_event(
            "disconnect", self.sid, reason or self.server.reason.SERVER_DISCONNECT, run_async=False
        )
        if not abort:
            self.write(CLOSE_FRAME)
        self.closed = True
        if self.channel is not None:
            self.channel.close()

    def schedule_ping(self) -> None:
        """Have a ping sent later, unless one is on its way already."""
        if self.last_ping:
            self.last_ping = None
            self.server.ping_later(self)

    def ping(self) -> None:
        """Ask whether somebody is still there."""
        if not self.closing and not self.closed:
            self.last_ping = time.time()
            self.write(PING_FRAME)


class Engine(Server):
    """python-engineio's server with pages of ours. An existing server becomes one by `adopt`."""

    _due: list[tuple[float, int, Page]]
    _number: Any
    _is_pinging: bool
    start_service_task: bool

    @classmethod
    def adopt(cls, server: Server) -> None:
        """Make this server, which has no sockets yet, one of ours."""
        server.__class__ = cls
        server._due, server._number, server._is_pinging = [], itertools.count(), False

    def write_all(self, sids: Sequence[str], data: bytes) -> None:
        """Write one frame to all these pages; those that have gone meanwhile are passed over."""
        for first in range(0, len(sids), AT_ONCE):
            if first:
                gevent.sleep(0)
            sockets = self.sockets
            for sid in sids[first : first + AT_ONCE]:
                page = sockets.get(sid)
                if page is not None:
                    page.write(data)

    @staticmethod
    def message_of(packet: str) -> bytes:
        """The frame that carries a Socket.IO packet."""
        return frame(f"{MESSAGE}{packet}".encode())

    def ping_later(self, page: Page) -> None:
        """Ping this page in at most `ping_interval` seconds. Not all at once, though they may have come at once."""
        due = time.monotonic() + self.ping_interval * random.uniform(0.8, 1.0)  # noqa: S311
        heapq.heappush(self._due, (due, next(self._number), page))
        if not self._is_pinging:
            self._is_pinging = True
            self.start_background_task(self._keep_pinging)

    def _keep_pinging(self) -> None:
        try:
            while self._due:
                left = self._due[0][0] - time.monotonic()
                if left > 0:
                    gevent.sleep(min(left, 1.0))
                else:
                    heapq.heappop(self._due)[2].ping()
        finally:
            self._is_pinging = False

    def _handle_connect(
        self, environ: dict[str, Any], start_response: Any, transport: str, jsonp_index: int | None = None
    ) -> Any:
        """Open a websocket and serve it to its end."""
        try:
            sock, answer = opening(environ)
        except Refused as refused:
            start_response(refused.status, [*refused.headers, ("Content-Length", "0")])
            return []
        if self.start_service_task:
            self.start_service_task = False
            self.service_task_handle = self.start_background_task(self._service_task)
        sid = self.generate_id()
        page = self.sockets[sid] = Page(self, sid)
        page.send(Packet(OPEN, self._opening_words(sid)))
        taken = self._trigger_event("connect", sid, environ, run_async=False)
        if taken is not None and taken is not True:
            del self.sockets[sid]
            return self._unauthorized(taken or None)
        page.schedule_ping()
        try:
            channel = Channel(sock, self.max_http_buffer_size)
            channel.write(answer)
            page.serve(channel)
        finally:
            # Where it never came to serving; otherwise it is closed already.
            page.close(wait=False, abort=True)
            self.sockets.pop(sid, None)
        raise StopIteration  # gunicorn's word for: nothing to answer any more

    def _opening_words(self, sid: str) -> dict[str, Any]:
        return {
            "sid": sid,
            "upgrades": [],
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval + self.ping_interval_grace_period) * 1000,
            "maxPayload": self.max_http_buffer_size,
        }
