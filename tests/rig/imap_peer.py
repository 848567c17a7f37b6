"""An IMAP server that says what a test wants: a mailbox as a value, and lies that are a few lines each.

    peer = ImapPeer(host)                      # its certificate is that of the real servers
    peer.mails[7] = b"From: …"                 # by UID
    peer.uid_validity, peer.uid_next = 3, 8
    peer.lies["UID FETCH"] = lambda words: None   # None: says nothing more; b"…": that, instead of the truth
    site.configure(imap=peer.url)
"""
import re
import time

from tls_peer import TlsPeer


class ImapPeer(TlsPeer):
    def __init__(self, host):
        self.mails, self.dates = {}, {}
        self.uid_validity, self.uid_next, self.read_only = 1, None, False
        self.lies, self.heard = {}, []
        super().__init__(host, "imaps")

    def _talk(self, stream, lines):
        stream.sendall(b"* OK ready\r\n")
        while line := lines.readline():
            tag, _, command = line.decode("latin-1").strip().partition(" ")
            words = command.upper()
            name = "UID " + words.split()[1] if words.startswith("UID ") else words.split()[0]
            self.heard.append(command)
            if name in self.lies:
                answer = self.lies[name](command)
                if answer is None:
                    time.sleep(3600)
                stream.sendall(answer.replace(b"%", tag.encode()))
                continue
            if name == "IDLE":
                stream.sendall(b"+ idling\r\n")
                lines.readline()
            elif name == "AUTHENTICATE" and len(words.split()) == 2:
                stream.sendall(b"+ \r\n")
                lines.readline()
            else:
                stream.sendall(self.answer(name, command))
            code = "[READ-ONLY] " if name == "SELECT" and self.read_only else ""
            stream.sendall(f"{tag} OK {code}{name.split()[0]} done\r\n".encode())
            if name == "LOGOUT":
                return

    def answer(self, name, command):
        uids = sorted(self.mails)
        if name == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE SASL-IR AUTH=PLAIN\r\n"
        if name == "SELECT":
            following = self.uid_next or (uids[-1] + 1 if uids else 1)
            return (f"* {len(uids)} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen \\Deleted)\r\n* OK [PERMANENTFLAGS ()] flags\r\n"
                    f"* OK [UIDVALIDITY {self.uid_validity}] it\r\n* OK [UIDNEXT {following}] it\r\n"
                    ).encode()
        if name == "UID SEARCH":
            first = int(re.search(r"UID (\d+):\*", command)[1])
            found = [uid for uid in uids if uid >= first] or uids[-1:]
            return f"* SEARCH {' '.join(map(str, found))}\r\n".encode()
        if name == "UID FETCH":
            return b"".join(self.fetched(uid, "BODY" in command.upper()) for uid in self.asked(command) if uid in self.mails)
        return b""

    def asked(self, command):
        uids = []
        for part in command.split()[2].split(","):
            first, _, last = part.partition(":")
            last = last or first
            uids += [uid for uid in sorted(self.mails) if int(first) <= uid and (last == "*" or uid <= int(last))]
        return uids

    def fetched(self, uid, with_body):
        number = sorted(self.mails).index(uid) + 1
        raw = self.mails[uid]
        date = self.dates.get(uid, "20-Nov-2026 10:00:00 +0000")
        if with_body:
            return f"* {number} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
        return f'* {number} FETCH (UID {uid} FLAGS () INTERNALDATE "{date}" RFC822.SIZE {len(raw)})\r\n'.encode()
