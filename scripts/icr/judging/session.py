"""HTTP requests that end when their time is over, however slowly a server sends."""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter

CONNECT = 10.0
"""Seconds to wait for a connection."""


class Session:
    """Posts JSON, one request at a time. Connections stay open between requests."""

    def __init__(self, proxies: bool) -> None:
        self._adapter = _Adapter()
        self._session = requests.Session()
        self._session.trust_env = proxies
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._adapter)

    def post(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str], seconds: float
    ) -> requests.Response:
        """The whole reply, read within ``seconds``.

        Raises requests.Timeout if it was not, and requests.RequestException or OSError for any
        other failure.
        """
        self._adapter.late = False
        timer = threading.Timer(seconds, self._adapter.cut)
        timer.daemon = True
        timer.start()
        try:
            reply = self._session.post(
                url,
                json=body,
                headers=headers,
                timeout=(min(CONNECT, seconds), seconds),
                allow_redirects=False,
            )
        except OSError:
            if self._adapter.late:
                raise requests.Timeout from None
            raise
        finally:
            timer.cancel()
        if self._adapter.late:  # a body that was cut off may look whole
            raise requests.Timeout
        return reply


class _Adapter(HTTPAdapter):
    """Knows its sockets, so that another thread can cut them off.

    The time-outs of sockets count from one byte to the next: they never end a slow trickle.
    """

    def __init__(self) -> None:
        super().__init__()
        self.late = False
        self._sockets: WeakSet[socket.socket] = WeakSet()

    def cut(self) -> None:
        """End the request under way, wherever it is."""
        self.late = True
        for used in list(self._sockets):
            with suppress(OSError):
                # Not the method of a TLS socket, which would first say goodbye.
                socket.socket.shutdown(used, socket.SHUT_RDWR)

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        if "ConnectionCls" not in vars(pool):
            pool.ConnectionCls = self._known(pool.ConnectionCls)
        return pool

    def _known(adapter, kind: type[Any]) -> type[Any]:  # noqa: N805
        class Known(kind):
            def connect(self) -> None:
                super().connect()
                adapter._sockets.add(self.sock)
                if adapter.late:
                    raise TimeoutError

        return Known
