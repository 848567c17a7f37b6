#!/usr/bin/env python3
"""What can a mail do that has taken over the process that reads it? A test build does what a mail tells it to."""
import os
import pathlib
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
import mails
import tocsin
from openpgp import TEXT, openpgp


def planted(what, sender, domain="lab.test"):
    return mails.mail(f"{sender} <{sender}@{domain}>", subject=f"planted {sender}", text="Cross-site scripting.\n",
                      headers=[("X-Planted", what)])


class TakenOver(live.Story):
    @classmethod
    def tell(cls, host, site):
        programs = tocsin.programs()
        cls.bin = pathlib.Path(tempfile.mkdtemp(prefix="bin-", dir=site.folder))
        shutil.copy(programs / "tocsind", cls.bin / "tocsind")
        shutil.copy(programs / "tocsinctl", cls.bin / "tocsinctl")
        shutil.copy(programs / "tocsin-examine-planted", cls.bin / "tocsin-examine")
        site.bin = cls.bin
        cls.house = keys.Person("ACME Security", "security@acme.test")
        cls.rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        cls.rae.take(cls.house)
        openpgp(site, cls.house)
        secret = next((cls.house.path / "private-keys-v1.d").iterdir())
        cls.harmless = {"socket": "socket", "passwd": "open /etc/passwd", "database": f"open {site.database}",
                        "password": f"open {site.folder}/password", "secret": f"open {secret}", "shell": "exec /bin/true",
                        "parent": f"kill {os.getpid()}", "config": f"open {site.config}"}
        cls.deadly = {"write": "write", "stack": "stack", "loop": "loop", "control": "open /dev/null",
                      "disorder": "disorder"}
        begun = time.monotonic()
        for sender, what in {**cls.deadly, **cls.harmless}.items():
            host.put(planted(what, sender))
        # An answer that the rules cannot be asked about, of a mail that says it is a member's.
        cls.deadly["alice"] = "answers"
        host.put(planted("answers", "alice", "acme.test"))
        host.put(cls.rae.encrypted(TEXT, cls.house, subject="and a real one"))
        site.once(seconds=200)
        cls.took = time.monotonic() - begun
        cls.tickets = {row["title"]: row for row in site.tickets()}

    def test_nothing_forbidden_could_be_done(self):
        for sender in self.harmless:
            self.assertIn(f"planted {sender}", self.tickets, "the mail was read as any other")

    def test_the_plant_works(self):
        self.assertNotIn("planted control", self.tickets, "what is allowed was done, and said so")

    def test_what_dies_costs_itself_alone(self):
        unread = [row for row in self.tickets.values() if row["title"] == "A mail that could not be read"]
        self.assertEqual(len(self.deadly), len([row for row in self.site.tickets() if row["title"] == "A mail that could not be read"]))
        self.assertTrue(unread)

    def test_all_other_mail_goes_on(self):
        self.assertIn("and a real one", self.tickets)
        said = self.site.ticket(self.tickets["and a real one"]["number"])
        self.assertTrue(said["examination"]["crypto"]["decrypted"])

    def test_of_reports_that_are_rated_together_the_one_that_dies_is_named(self):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.site.folder))
        for sender in ("ann", "bob", "kim"):
            (folder / f"{sender}.eml").write_bytes(bytes(planted("write" if sender == "bob" else "socket", sender)))
        # Of several plants in one process the first one is carried out.
        (folder / "labels.jsonl").write_text("".join(
            f'{{"file": "{sender}.eml", "severity": "high"}}\n' for sender in ("bob", "ann", "kim")))
        told = self.site.ctl("rules", "backtest", "--reports", folder)
        self.assertIn("bob.eml", told.stderr)
        (folder / "bob.eml").write_bytes(bytes(planted("socket", "bob")))
        self.assertEqual(3, self.site.json("rules", "backtest", "--reports", folder)["team"]["reports"])

    def test_the_team_is_told_of_each(self):
        notices = [letter for letter in self.host.inbox("alice@acme.test") if "could not be read" in letter["Subject"]]
        self.assertEqual(len(self.deadly), len(notices))


if __name__ == "__main__":
    live.main()
