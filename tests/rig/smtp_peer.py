"""A submission server that says what a test wants: it takes mail, and its lies are a few lines each.

    peer = SmtpPeer(host)                              # its certificate is that of the real servers
    peer.lies["RCPT", "rae@lab.test"] = "451 4.3.0 not now"
    peer.lies["DOT", "rae@lab.test"] = None            # takes the mail and hangs up without a word
    site.configure(smtp=peer.url)
    peer.taken                                         # [(recipient, bytes)], what it took, answered or not

A lie is looked up by what is said (EHLO, AUTH, MAIL, RCPT, DATA, DOT) and to whom the mail goes ("" for any).
"""
import re

from tls_peer import TlsPeer

TRUTH = {"EHLO": "250-peer\r\n250-8BITMIME\r\n250-SIZE 1000000\r\n250 AUTH PLAIN", "AUTH": "235 2.7.0 welcome",
         "MAIL": "250 2.1.0 ok", "RCPT": "250 2.1.5 ok", "DATA": "354 go on", "DOT": "250 2.0.0 taken", "RSET": "250 2.0.0 ok",
         "NOOP": "250 2.0.0 ok", "QUIT": "221 2.0.0 bye"}


class SmtpPeer(TlsPeer):
    def __init__(self, host):
        self.lies, self.taken = {}, []
        super().__init__(host, "smtps")

    def to(self, address):
        return [raw for recipient, raw in self.taken if recipient == address]

    def _talk(self, stream, lines):
        stream.sendall(b"220 ready\r\n")
        recipient = ""
        while line := lines.readline():
            word = line.split()[0].decode().upper()
            if word == "RCPT":
                recipient = re.search(rb"<(.*?)>", line)[1].decode()
            answer = self._answer(word, recipient)
            if answer is None:
                return
            stream.sendall(answer.encode() + b"\r\n")
            if answer.startswith("421") or word == "QUIT":
                return
            if answer.startswith("354"):
                body = b""
                while (part := lines.readline()) != b".\r\n":
                    if not part:
                        return
                    body += part.removeprefix(b".") if part.startswith(b"..") else part
                answer = self._answer("DOT", recipient)
                if answer is None or answer.startswith("2"):
                    self.taken.append((recipient, body))
                if answer is None:
                    return
                stream.sendall(answer.encode() + b"\r\n")
                if answer.startswith("421"):
                    return

    def _answer(self, word, recipient):
        for key in ((word, recipient), (word, "")):
            if key in self.lies:
                return self.lies[key]
        return TRUTH.get(word, "500 5.5.1 what?")
