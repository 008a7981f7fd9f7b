"""HTTP requests with a timeout for the whole reply, however slowly a server sends."""

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
    """Post JSON, one request at a time, over connections that stay open."""

    def __init__(self, proxies: bool) -> None:
        self._adapter = _Adapter()
        self._session = requests.Session()
        self._session.trust_env = proxies
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._adapter)

    def post(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str], seconds: float
    ) -> requests.Response:
        """The whole reply.

        Raises requests.Timeout if it takes longer than ``seconds``, and requests.RequestException
        or OSError for any other failure.
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
        if self._adapter.late:  # a truncated body may look complete
            raise requests.Timeout
        return reply


class _Adapter(HTTPAdapter):
    """Tracks its sockets, so that another thread can close them.

    A socket's own timeout restarts with each byte, so it never ends a reply that trickles in.
    """

    def __init__(self) -> None:
        super().__init__()
        self.late = False
        self._sockets: WeakSet[socket.socket] = WeakSet()

    def cut(self) -> None:
        """End the current request."""
        self.late = True
        for connection in list(self._sockets):
            with suppress(OSError):
                # Not the method of a TLS socket, which would first close the TLS session.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        if "ConnectionCls" not in vars(pool):
            pool.ConnectionCls = self._tracked(pool.ConnectionCls)
        return pool

    def _tracked(adapter, kind: type[Any]) -> type[Any]:  # noqa: N805
        class Tracked(kind):
            def connect(self) -> None:
                super().connect()
                adapter._sockets.add(self.sock)
                if adapter.late:
                    raise TimeoutError

        return Tracked
