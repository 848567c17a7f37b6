"""A person at neomutt: opens a mail in a terminal of tmux, answers it, and hands it to sendmail.

    with Neomutt(folder, "Alice", "alice@acme.test") as mutt:
        raw = mutt.answer(letter, "Thank you.\\n", posting="bottom")

What sendmail was given comes back as bytes; whoever asked sends it on.
"""
import pathlib
import shlex
import subprocess
import sys
import uuid

from waiting import wait_until

EDITOR = """\
import pathlib, sys
words, posting = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), sys.argv[2]
draft = pathlib.Path(sys.argv[3])
lines = draft.read_text(encoding="utf-8").rstrip("\\n").split("\\n")
if posting == "top":
    made = words.rstrip("\\n").split("\\n") + [""] + lines
else:  # under the quotation, above the signature
    at = len(lines) - 1 - lines[::-1].index("-- ") if "-- " in lines else len(lines)
    made = lines[:at] + [""] + words.rstrip("\\n").split("\\n") + [""] + lines[at:]
draft.write_text("\\n".join(made) + "\\n", encoding="utf-8")
"""


class Neomutt:
    def __init__(self, folder, name, address, settings=(), gnupg_home=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._name, self._address, self._settings, self._gnupg_home = name, address, settings, gnupg_home
        self._socket = f"tocsin-{uuid.uuid4().hex[:12]}"
        self._answers = 0
        (self.folder / "edit.py").write_text(EDITOR)
        (self.folder / "signature").write_text(f"{name} Adams, ACME product security\n+49 30 5550 123\n")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._tmux("kill-server", check=False)

    def _tmux(self, *words, check=True):
        return subprocess.run(["tmux", "-L", self._socket, "-f", "/dev/null", *words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=check)

    def screen(self):
        return self._tmux("capture-pane", "-p", check=False).stdout

    def answer(self, letter, words, posting="top", keys=("r",)):
        """`letter` is bytes; `keys` are pressed over it in the index, then `y` in the compose menu."""
        self._answers += 1
        work = self.folder / str(self._answers)
        for part in ("tmp", "new", "cur"):
            (work / "box" / part).mkdir(parents=True)
        (work / "box" / "new" / "1.rig.test").write_bytes(letter)
        (work / "words").write_text(words, encoding="utf-8")
        handed_in = work / "handed-in"
        sendmail = work / "sendmail"
        sendmail.write_text(f"#!/bin/sh\ncat >{shlex.quote(str(handed_in))}.part\n"
                            f"mv {shlex.quote(str(handed_in))}.part {shlex.quote(str(handed_in))}\n")
        sendmail.chmod(0o755)
        editor = f"{sys.executable} {self.folder}/edit.py {work}/words {posting}"
        settings = {"from": self._address, "realname": self._name, "sendmail": str(sendmail), "editor": editor,
                    "signature": str(self.folder / "signature"), "mbox_type": "Maildir", "folder": str(work),
                    "spoolfile": str(work / "box"), "record": "", "postponed": "", "tmpdir": str(work),
                    "header_cache": "", "charset": "utf-8", "send_charset": "utf-8"}
        switches = ["use_from=yes", "use_envelope_from=no", "fast_reply=yes", "include=yes", "copy=no", "recall=no",
                    "confirmappend=no", "quit=yes", "wait_key=no", "sig_dashes=yes", "abort_unmodified=no", "beep=no",
                    "abort_noattach=no", "mark_old=no", "delete=no", "crypt_use_gpgme=yes", *self._settings]
        rc = work / "muttrc"
        rc.write_text("".join(f"set {name}=\"{value}\"\n" for name, value in settings.items()) +
                      "".join(f"set {switch}\n" for switch in switches))
        home = f"GNUPGHOME={self._gnupg_home} " if self._gnupg_home else ""
        self._tmux("new-session", "-d", "-x", "120", "-y", "40",
                   f"env TERM=screen LC_ALL=C.UTF-8 {home}neomutt -n -F {rc}")
        try:
            wait_until(lambda: "box" in self.screen() and "1" in self.screen(), "neomutt showed the mailbox", 15)
            for key in keys:
                self._tmux("send-keys", key)
            wait_until(lambda: "y:Send" in self.screen(), "neomutt came to its compose menu", 15)
            self._tmux("send-keys", "y")
            wait_until(handed_in.exists, "neomutt handed the mail in", 15)
        except AssertionError:
            print(self.screen(), file=sys.stderr)
            raise
        finally:
            self._tmux("kill-server", check=False)
        return handed_in.read_bytes()
