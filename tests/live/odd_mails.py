#!/usr/bin/env python3
"""Does a mail that cannot be read properly reach a human, and hold up nobody else?"""
import os
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails

TRACE = b"From: Odd <odd%d@lab.test>\nTo: security@acme.test\nMessage-ID: <odd%d@lab.test>\n"

ODD = [
    ("nothing at all", b""),
    ("no header", b"\nOnly a body.\n"),
    ("no body", TRACE + b"Subject: only a header"),
    ("no From", b"To: security@acme.test\nSubject: who am I\n\nRemote code execution.\n"),
    ("bytes of no character set", TRACE + b"Subject: caf\xe9 \xff\xfe\n\n\x80\x81\xfe XSS \xff\n"),
    ("NUL bytes", TRACE + b"Subject: nul\n\nbefore\x00after\n"),
    ("a boundary that never comes", TRACE + b"Subject: a\nMIME-Version: 1.0\n"
     b"Content-Type: multipart/mixed; boundary=never\n\nSQL injection.\n"),
    ("parts in parts in parts", TRACE + b"Subject: deep\nMIME-Version: 1.0\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(3000))),
    ("very many parts", TRACE + b"Subject: wide\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
     + b"--b\n\nx\n" * 20000 + b"--b--\n"),
    ("a header without end", TRACE + b"Subject: " + b"long " * 100000 + b"\n\nbody\n"),
    ("broken base64", TRACE + b"Subject: b64\nContent-Transfer-Encoding: base64\n\n%%%not=base64===\n"),
    ("a character set that nobody knows", TRACE + b"Subject: =?x-nobody?q?hello?=\n"
     b"Content-Type: text/plain; charset=x-nobody\n\nXSS\n"),
    ("two From lines", TRACE + b"From: Other <other@lab.test>\nSubject: two\n\nXSS\n"),
    ("line ends of an old Mac", TRACE + b"Subject: cr\n\none\rtwo\rthree\r"),
]


class OddMails(live.Story):
    @classmethod
    def tell(cls, host, site):
        for number, (_, raw) in enumerate(ODD):
            host.put(raw.replace(b"odd%d", b"odd%d" % number))
        host.put(mails.critical_report())
        site.once(seconds=120)
        cls.tickets = site.tickets()

    def test_hold_up_nobody(self):
        self.assertEqual(["acknowledgement"], [one["X-Tocsin-Mail"] for one in self.host.inbox("rae@lab.test")])

    def test_each_reach_a_human(self):
        self.assertEqual(len(ODD) + 1, len(self.tickets), [row["title"] for row in self.tickets])
        for address in ("alice@acme.test", "bob@acme.test"):
            numbers = {one["X-Tocsin-Ticket"] for one in self.host.inbox(address)}
            self.assertEqual({row["number"] for row in self.tickets}, numbers & {row["number"] for row in self.tickets})

    def test_leave_nothing_undone(self):
        self.assertEqual(0, self.site.json("status")["journal"]["pending"])

    def test_are_looked_at_once(self):
        self.site.once()
        self.assertEqual(self.tickets, self.site.tickets())

    def test_do_not_bring_down_the_daemon(self):
        self.assertTrue(self.site.settled())


class MailsOverTheLimit(live.Test):
    def test_reach_a_human_too(self):
        site = self.new_site(limits='message_bytes = "100 KiB"')
        self.host.send(mails.mail("Big <big@lab.test>", subject="Big proof of concept", text="See the attachment.\n",
                                  attachments=[("dump.bin", "application/octet-stream", os.urandom(200_000))]))
        self.host.send(mails.critical_report())
        site.once()
        self.assertEqual(2, len(site.tickets()))
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))


@unittest.skipUnless("TOCSIN_CORPORA" in os.environ, "TOCSIN_CORPORA names no folder with difficult mails")
class DifficultMailsOfOthers(live.Story):
    @classmethod
    def tell(cls, host, site):
        cls.files = sorted(path for path in (pathlib.Path(os.environ["TOCSIN_CORPORA"]) / "mime").rglob("*")
                           if path.is_file() and path.suffix != ".json")
        site.configure(mode="team")  # they name addresses of all the world
        for path in cls.files:
            host.put(path.read_bytes())
        host.put(mails.critical_report())
        site.once(seconds=180)

    def test_are_all_dealt_with(self):
        self.assertGreater(len(self.files), 20)
        journal = self.site.json("status")["journal"]
        self.assertEqual(0, journal["pending"])

    def test_hold_up_nobody(self):
        self.assertIn("rae@lab.test", [row["reporter"] for row in self.site.tickets()])

    def test_reach_nobody_outside(self):
        self.assertEqual(["alice@acme.test", "bob@acme.test", "security@acme.test"], self.host.addresses())


if __name__ == "__main__":
    live.main()
