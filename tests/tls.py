"""TLS in front of a port, as a proxy ends it: what goes through is cut and joined without regard to frames."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading

PIECES = (1, 17, 16384, 3, 1000)


def _anonymous(side: int) -> ssl.SSLContext:
    """Without certificates: here it matters how TLS cuts a stream, not who speaks."""
    context = ssl.SSLContext(side)
    if side == ssl.PROTOCOL_TLS_CLIENT:
        context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # the last to know ciphers without a certificate
    context.set_ciphers("AECDH:@SECLEVEL=0")
    return context


class Terminator:
    """Listens on `port`, decrypts, and passes on to another port; `trusted` is what a client has to use."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._own, self.trusted = _anonymous(ssl.PROTOCOL_TLS_SERVER), _anonymous(ssl.PROTOCOL_TLS_CLIENT)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = [self._listener]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Terminator:
        self._threads[0].start()
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _address = self._listener.accept()
                behind = socket.create_connection(("127.0.0.1", self._behind))
                self._open += [behind, plain]
                thread = threading.Thread(target=self._serve, args=(plain, behind), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, plain: socket.socket, behind: socket.socket) -> None:
        """One connection, by one thread: an encrypted stream may not be used by two."""
        with contextlib.suppress(OSError):
            front = self._own.wrap_socket(plain, server_side=True)
            self._open.append(front)
            for one in (front, behind):
                one.settimeout(0.002)
            for size in itertools.cycle(PIECES):
                if not (_pass_on(front, behind, size) and _pass_on(behind, front, size)):
                    break
            front.close()
            behind.close()


def _pass_on(source: socket.socket, to: socket.socket, size: int) -> bool:
    """One piece, if there is one; whether the stream goes on."""
    try:
        data = source.recv(size)
    except (TimeoutError, ssl.SSLWantReadError):
        return True
    if data:
        to.settimeout(20)
        to.sendall(data)
        to.settimeout(0.002)
    return bool(data)
