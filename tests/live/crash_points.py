#!/usr/bin/env python3
"""A crash after each step of a mail's way (docs/ARCHITECTURE.md): is its row of the table what happens?

Each named point kills tocsind as a power cut would; then the database is looked at, and the daemon started again.
Wants a build with -DTOCSIN_CRASH_POINTS=ON, as the presets for developers have it.
"""
import hashlib
import pathlib
import sqlite3
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from tocsin import has_crash_points

# Point → what the database knows after the crash: journal entries, of them finished, tickets, outbox rows by state.
NOTHING = (0, 0, 0, {})
JOURNALED = (1, 0, 0, {})
WAITING = (1, 1, 1, {"queued": 3})
ROWS = {
    "fetched": NOTHING,
    "journal-open": NOTHING,
    "journaled": JOURNALED,
    "try-counted": JOURNALED,
    "examined": JOURNALED,
    "decided": JOURNALED,
    "admit-open": JOURNALED,
    "admitted": WAITING,
    "composed": WAITING,
    "seal-open": WAITING,
    "sealed": WAITING,
    "attempting": (1, 1, 1, {"attempting": 3}),
    "at-final-dot": (1, 1, 1, {"at-final-dot": 1, "attempting": 2}),
    "replied": (1, 1, 1, {"at-final-dot": 1, "attempting": 2}),
    "settle-open": (1, 1, 1, {"at-final-dot": 1, "attempting": 2}),
    "settled": (1, 1, 1, {"sent": 1, "attempting": 2}),
}
# The one window that SMTP leaves open: the mail had arrived, and goes out a second time with the same bytes.
MAY_COME_TWICE = {"replied", "settle-open"}
TO = ("rae@lab.test", "alice@acme.test", "bob@acme.test")


class ACrash(live.Test):
    def known(self, site):
        database = sqlite3.connect(f"file:{site.database}?mode=ro", uri=True)
        try:
            one = lambda sql: database.execute(sql).fetchone()[0]
            return (one("SELECT count(*) FROM journal"), one("SELECT count(*) FROM journal WHERE finished IS NOT NULL"),
                    one("SELECT count(*) FROM ticket"),
                    dict(database.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall()))
        finally:
            database.close()

    def die_at(self, site, point):
        done = site.run("--once", environment={"TOCSIN_CRASH_AT": point})
        self.assertEqual(-9, done.returncode, f"it did not come to {point}: {done.stderr[-2000:]}")

    def assert_ended_well(self, site, point, twice=0):
        self.assertEqual("acknowledged", site.only_ticket()["state"])
        for address in TO:
            letters = self.host.inbox(address)
            self.assertIn(len(letters), (1, 2) if twice else (1,), f"{point}: mails to {address}")
            self.assertEqual(1, len({hashlib.sha256(one.sent_bytes).hexdigest() for one in letters}), "other bytes")
        copies = sum(len(self.host.inbox(address)) for address in TO) - len(TO)
        self.assertLessEqual(copies, twice, point)
        self.assertEqual(0, site.ctl("audit", "verify").returncode)
        self.assertTrue(site.settled())

    def test_after_each_step_leaves_what_its_row_says_and_ends_well(self):
        for point, row in ROWS.items():
            with self.subTest(point):
                site = self.new_site()
                self.host.put(mails.critical_report())
                self.die_at(site, point)
                self.assertEqual(row, self.known(site))
                self.host.settle()
                site.once()
                self.assert_ended_well(site, point, twice=1 if point in MAY_COME_TWICE else 0)

    def test_at_every_step_one_after_the_other(self):
        """The same mail is cut off at each point in turn, in one life of the database."""
        site = self.new_site()
        self.host.put(mails.critical_report())
        for point in ROWS:
            if point not in MAY_COME_TWICE:
                self.die_at(site, point)
        self.host.settle()
        site.once()
        self.assert_ended_well(site, "all", twice=3)

    def test_half_of_a_large_mail_is_no_mail(self):
        site = self.new_site()
        large = mails.mail(subject="Remote code execution", text="See the picture.\n",
                           attachments=[("proof.bin", "application/octet-stream", bytes(range(256)) * 8192)])
        self.host.put(large)
        for point in ("piece-kept:3", "large-open"):
            self.die_at(site, point)
            self.assertEqual(0, len(site.tickets()))
            self.assertEqual(0, site.json("status")["journal"]["total"])
        site.once()
        self.assertEqual(1, len(site.tickets()))
        database = sqlite3.connect(f"file:{site.database}?mode=ro", uri=True)
        kept = b"".join(row[0] for row in database.execute("SELECT bytes FROM chunk ORDER BY journal, part"))
        size = database.execute("SELECT size FROM journal").fetchone()[0]
        database.close()
        self.assertEqual(size, len(kept))
        self.assertEqual(0, kept.count(b"\n") - kept.count(b"\r\n"))

    def test_between_the_server_and_us_changes_a_mailbox_once(self):
        for point in ("action-begun", "action-done"):
            with self.subTest(point):
                site = self.new_site(mailbox='after = "move:Archive"')
                self.host.put(mails.critical_report())
                self.host.put(mails.numbered_report(1))
                site.run("--once", environment={"TOCSIN_CRASH_AT": point})
                site.once()
                self.assertEqual([], self.host.inbox("security@acme.test"))
                self.assertEqual(2, len(self.host.inbox("security@acme.test", "Archive")))
        for point in ("filing-begun", "filed"):
            with self.subTest(point):
                site = self.new_site(mailbox='sent = "Sent"')
                self.host.put(mails.critical_report())
                site.run("--once", environment={"TOCSIN_CRASH_AT": point})
                site.once()
                self.assertEqual(1, len(self.host.inbox("security@acme.test", "Sent")))

    def test_around_a_reminder_loses_and_doubles_none(self):
        for point in ("remind-open", "reminded"):
            with self.subTest(point):
                site = self.new_site()
                self.host.put(mails.critical_report(), received=1_800_000_000)
                site.once("--now", "2027-01-15T08:00:10Z")
                before = len(self.host.inbox("alice@acme.test"))
                done = site.run("--once", "--now", "2027-02-01T10:00:00Z", environment={"TOCSIN_CRASH_AT": point})
                self.assertEqual(-9, done.returncode)
                site.once("--now", "2027-02-01T10:00:00Z")
                told = self.host.inbox("alice@acme.test")[before:]
                self.assertTrue(told)
                self.assertEqual(len(told), len({one.message_id for one in told}))
                site.once("--now", "2027-02-01T10:00:00Z")
                self.assertEqual(before + len(told), len(self.host.inbox("alice@acme.test")))


if __name__ == "__main__":
    if not has_crash_points():
        print("crash_points: this build has none (-DTOCSIN_CRASH_POINTS=ON); skipped", flush=True)
        sys.exit(77)
    live.main()
