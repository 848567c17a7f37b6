"""A server on loopback that speaks TLS with the certificate of the real ones, each caller on a thread of its own.

Who derives from it says what is spoken: `_talk(stream, lines)`.
"""
import contextlib
import socket
import ssl
import threading


class TlsPeer:
    def __init__(self, host, scheme):
        folder = host.ca.parent
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "localhost.pem", folder / "localhost.key")
        self.sessions = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{scheme}://localhost:{self.listener.getsockname()[1]}"
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    def close(self):
        # Only shutting it down wakes the thread that accepts; closed alone it would take the callers of a later peer.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join(5)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw):
        with contextlib.suppress(OSError, ssl.SSLError), self.context.wrap_socket(raw, server_side=True) as stream:
            self.sessions += 1
            self._talk(stream, stream.makefile("rb"))
