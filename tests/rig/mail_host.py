"""What tests do with the mail servers: send mail as a stranger would, and look into mailboxes.

    with MailHost() as host:
        host.send(report(), sender="rae@lab.test", to="security@acme.test")
        host.inbox("rae@lab.test")

The servers live as long as the MailHost and end with the process that made it, however that ends.
"""
import contextlib
import email
import email.policy
import email.utils
import imaplib
import os
import pathlib
import shutil
import smtplib
import ssl
import subprocess
import tempfile
import time

from waiting import wait_until

HERE = pathlib.Path(__file__).resolve().parent

# A long line of an In-Reply-To or a body stays as it was written; header lines end in LF in memory, CRLF on the wire.
POLICY = email.policy.default.clone(max_line_length=200)

# Put on top by every server that a mail passes: two copies of one mail differ in these, and in nothing else.
TRACE = {"return-path", "delivered-to", "received", "x-original-to"}


def unflowed(text):
    """Lines that end in a blank go on in the next one of the same quoting depth (RFC 3676, 4)."""
    lines, open_depth = [], None
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        if open_depth == depth and content != "-- ":
            lines[-1] += content
        else:
            lines.append(">" * depth + (" " if depth else "") + content)
        open_depth = depth if content.endswith(" ") and content != "-- " else None
    return "\n".join(lines) + "\n"


class Letter:
    """A mail as it lies in a mailbox."""

    def __init__(self, raw, path=None):
        self.raw = raw
        self.path = path
        self.message = email.message_from_bytes(raw, policy=POLICY)

    def __getitem__(self, name):
        value = self.message[name]
        return None if value is None else str(value)

    @property
    def message_id(self):
        return self["Message-ID"].strip().strip("<>")

    @property
    def text(self):
        """Every text part, decoded, as a mail client shows it."""
        parts = [part for part in self.message.walk() if part.get_content_maintype() == "text"]
        return "\n".join(unflowed(part.get_content()) if part.get_param("format") == "flowed" else part.get_content()
                         for part in parts)

    @property
    def sent_bytes(self):
        """The mail as its sender handed it in: without what servers put on top."""
        head, gap, body = self.raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        kept, keeping = [], True
        for line in head.split(b"\n"):
            if line[:1] not in (b" ", b"\t"):
                keeping = line.split(b":", 1)[0].decode("ascii", "replace").lower() not in TRACE
            if keeping:
                kept.append(line)
        return b"\n".join(kept) + gap + body


class MailHost:
    """Its folder goes away with it, unless it is named or TOCSIN_KEEP is set. A detached one runs on until
    `mailhost stop` ends it."""

    def __init__(self, certificate="localhost", folder=None, detached=False):
        self._puts = 0
        self._keep = folder is not None or "TOCSIN_KEEP" in os.environ
        # Short and world-readable on the way down: sockets have short names, servers have users of their own.
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="tocsin-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        words = [*self.as_root, str(HERE / "mailhost"), "start" if detached else "hold", str(self.folder / "servers"),
                 "--certificate", certificate, *([] if self._keep else ["--remove"])]
        self._log = open(self.folder / "mailhost.log", "w+", encoding="utf-8")
        # Its standard input ends when we do: then it stops the servers, whatever became of us.
        self._holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
                                        text=True, start_new_session=True)
        values = {}
        for line in iter(self._holder.stdout.readline, "\n"):
            if not line:
                self._log.seek(0)
                raise RuntimeError(f"the mail servers did not start: {self._log.read().strip()}")
            name, _, value = line.strip().partition("=")
            values[name] = value
        self.smtp, self.imaps, self.imap, self.submission, self.submissions = (
            int(values[name]) for name in ("SMTP", "IMAPS", "IMAP", "SUBMISSION", "SUBMISSIONS"))
        self.ca, self.password = pathlib.Path(values["CA"]), values["PASSWORD"]
        self.mail = pathlib.Path(values["FOLDER"]) / "mail"

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()

    def stop(self):
        self._holder.stdin.close()
        self._holder.stdout.close()
        self._holder.wait(30)
        self._log.close()
        if not self._keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- sending

    def send(self, mail, sender=None, to="security@acme.test", settle=True):
        """Through Postfix, like the world, and into the mailbox. `mail` is an EmailMessage or bytes; `sender` the
        envelope's."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=POLICY)
        if sender is None:
            sender = email.utils.parseaddr(str(email.message_from_bytes(raw, policy=POLICY)["From"]))[1]
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=30) as smtp:
            smtp.sendmail(sender, [to] if isinstance(to, str) else list(to), raw)
        if settle:
            self.settle()

    def settle(self, seconds=60):
        """Waits until all that Postfix has accepted lies in the mailboxes."""
        queues = [str(self.mail.parent / "spool" / name) for name in ("maildrop", "incoming", "active")]
        words = [*self.as_root, "find", *queues, "-type", "f"]

        def all_delivered():
            return not subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
        wait_until(all_delivered, "all accepted mail was delivered", seconds, every=0.02)

    def put(self, mail, address="security@acme.test", received=None, folder="INBOX"):
        """Straight into the Maildir, as an import or a backup would; `received` is a POSIX time."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=POLICY)
        maildir = self._maildir(address, folder)
        for directory in (maildir / "tmp", maildir / "new", maildir / "cur"):
            self._make(directory)
        self._puts += 1
        name = f"{int(time.time())}.M{self._puts}P{os.getpid()}.rig"
        unseen = maildir / "tmp" / name
        unseen.write_bytes(raw)
        self._give_away(unseen)
        if received is not None:
            os.utime(unseen, (received, received))
        unseen.rename(maildir / "new" / name)

    def _make(self, directory):
        if directory.exists():
            return
        self._make(directory.parent)
        with contextlib.suppress(FileExistsError):  # the server makes them too, when the program looks at the same time
            directory.mkdir(mode=0o700)
            self._give_away(directory)

    def _give_away(self, path):
        if os.geteuid() == 0:
            owner = self.mail.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    # ---- looking

    def _maildir(self, address, folder):
        base = self.mail / address / "Maildir"
        return base if folder == "INBOX" else base / f".{folder}"

    def inbox(self, address, folder="INBOX"):
        """What lies there, oldest first; nothing when no mail ever came."""
        maildir = self._maildir(address, folder)
        for _ in range(20):  # the server may move a file from new to cur while we look
            with contextlib.suppress(FileNotFoundError):
                paths = [path for name in ("new", "cur") if (maildir / name).exists()
                         for path in (maildir / name).iterdir()]
                found = [(path.stat().st_mtime_ns, path.name, Letter(path.read_bytes(), path)) for path in paths]
                return [letter for _, _, letter in sorted(found, key=lambda row: row[:2])]
        raise RuntimeError(f"{maildir} does not stand still")

    def addresses(self):
        """Those that have received mail."""
        return sorted(path.name for path in self.mail.iterdir())

    def empty(self):
        """Takes all mail away; for between two tests, when nobody is connected."""
        self.settle()  # what a test has sent at its end would come into the next one, or while we delete
        words = ["find", str(self.mail), "-mindepth", "1", "-delete"]
        wait_until(lambda: subprocess.run(words, stderr=subprocess.DEVNULL).returncode == 0, "all mail was taken away", 10)

    def imap_session(self, address):
        session = imaplib.IMAP4_SSL("localhost", self.imaps, timeout=30,
                                    ssl_context=ssl.create_default_context(cafile=str(self.ca)))
        session.login(address, self.password)
        return session

    def end_imap_sessions(self, address="security@acme.test"):
        """As when the server is restarted under its clients."""
        servers = self.mail.parent
        subprocess.run([*self.as_root, "doveadm", "-c", str(servers / "dovecot.conf"), "kick", address],
                       stdin=subprocess.DEVNULL, check=True, capture_output=True)
