#!/usr/bin/env python3
"""Is a mail that the examiner cannot bear given up after the second try, told, kept, and examined again when asked?"""
import pathlib
import shutil
import sqlite3
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from tocsin import has_crash_points, programs

# The examiner with too little memory for a large mail, and enough for itself and for others.
POOR = """#!/bin/sh
ulimit -v {kilobytes}
exec "{program}" "$@"
"""
LARGE = ("From: Rae <rae@lab.test>\nTo: security@acme.test\nSubject: Remote code execution\n"
         "Message-ID: <large@lab.test>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
         "--b\n\nSteps to reproduce:\n" + "Content of a recording.\n" * 20
         + "--b\nContent-Type: video/mp4\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=a.mp4\n\n"
         + "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2NpbmcgZWxp\n" * 650_000 + "--b--\n")


class Quarantine(live.Test):
    def poor_site(self):
        """An installation whose examiner is poor."""
        site = self.new_site()
        self.real = programs()
        site.bin = site.folder / "bin"
        site.bin.mkdir()
        for name in ("tocsind", "tocsinctl"):
            shutil.copy(self.real / name, site.bin / name)
        self.poor = site.bin / "tocsin-examine"
        self.poor.write_text(POOR.format(program=self.real / "tocsin-examine", kilobytes=self.just_enough(site)))
        self.poor.chmod(0o755)
        return site

    def just_enough(self, site):
        """What the examiner needs to start, and a third of the large mail: found by trying. Where the system lays its
        memory, which it chooses anew for each start, makes some megabytes' difference."""
        for megabytes in range(80, 400, 4):
            self.poor.write_text(POOR.format(program=self.real / "tocsin-examine", kilobytes=megabytes << 10))
            self.poor.chmod(0o755)
            if site.run("--once").returncode == 0:
                return (megabytes + 16) << 10
        self.skipTest("the examiner does not start in 400 MB")

    def test_is_given_up_after_the_second_try_and_delays_nobody(self):
        site = self.poor_site()
        self.host.put(LARGE.encode())
        self.host.put(mails.numbered_report(1))
        site.once(seconds=200)
        listed = site.json("quarantine", "list")["quarantine"]
        self.assertEqual(1, len(listed), site.last_log_lines())
        self.assertEqual(2, listed[0]["failures"])
        self.assertEqual(1, site.json("status")["journal"]["quarantined"])
        self.assertEqual(1, len(self.host.inbox("reporter1@lab.test")), "the other was answered")
        self.assertEqual([], self.host.inbox("rae@lab.test"))
        self.assertEqual(2, len(site.tickets()))
        self.assertEqual(1, len([one for one in self.host.inbox("alice@acme.test") if "could not be read" in one["Subject"] + one.text]))
        shown = site.ctl("quarantine", "show", listed[0]["id"]).stdout
        self.assertIn("Remote code execution", shown)
        raw = site.ctl("quarantine", "show", listed[0]["id"], "--raw").stdout
        self.assertEqual(LARGE, raw.replace("\r\n", "\n"))

    def given_up(self, report):
        """An installation in which the examiner died twice over this mail, and the mail's line in the quarantine."""
        site = self.new_site()
        self.host.put(report)
        site.run("--once", environment={"TOCSIN_CRASH_AT": "journaled"})
        database = sqlite3.connect(site.database)
        with database:
            self.assertEqual(1, database.execute("UPDATE journal SET tries = 2, failures = 2 WHERE finished IS NULL").rowcount)
        database.close()
        site.once()
        listed = site.json("quarantine", "list")["quarantine"]
        self.assertEqual(1, len(listed), site.last_log_lines())
        return site, listed[0]

    @unittest.skipUnless(has_crash_points(), "wants -DTOCSIN_CRASH_POINTS=ON")
    def test_what_is_released_is_read_and_answered_once_in_its_ticket(self):
        report = mails.critical_report()
        site, quarantined = self.given_up(report)
        self.assertEqual([], self.host.inbox("rae@lab.test"), "what nobody could read is not answered")
        unread = site.only_ticket()
        self.assertEqual(quarantined["ticket"], unread["number"])
        self.assertNotEqual("rae@lab.test", unread["reporter"])

        self.assertEqual(0, site.ctl("quarantine", "release", quarantined["id"]).returncode)
        again = site.ctl("quarantine", "release", quarantined["id"])
        self.assertEqual(65, again.returncode)
        self.assertIn("not quarantined", again.stderr)
        site.once()
        self.assertEqual([], site.json("quarantine", "list")["quarantine"])
        ticket = site.only_ticket()
        self.assertEqual(unread["number"], ticket["number"], "it stays the ticket that it was")
        self.assertEqual(("acknowledged", "rae@lab.test", "high"), (ticket["state"], ticket["reporter"], ticket["severity"]))
        self.assertEqual(str(report["Subject"]), ticket["title"])
        self.assertIn("reread", [line["event"] for line in ticket["history"]])
        answers = self.host.inbox("rae@lab.test")
        self.assertEqual([("acknowledgement", ticket["number"])],
                         [(one["X-Tocsin-Mail"], one["X-Tocsin-Ticket"]) for one in answers])
        told = [one for one in self.host.inbox("alice@acme.test") if one["X-Tocsin-Ticket"] == ticket["number"]]
        self.assertEqual(2, len(told), "once that it could not be read, once what it says")
        self.assertIn(str(report["Subject"]), told[1]["Subject"])

        site.once()
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))
        self.host.send(mails.mail(subject="Re: " + str(report["Subject"]), text="Any news?\n", answers=answers[0].message_id))
        site.once()
        self.assertEqual(ticket["number"], site.only_ticket()["number"], "what answers it is part of it")
        self.assertEqual(0, site.ctl("audit", "verify").returncode)

    @unittest.skipUnless(has_crash_points(), "wants -DTOCSIN_CRASH_POINTS=ON")
    def test_a_running_daemon_reads_it_at_once(self):
        site, quarantined = self.given_up(mails.critical_report())
        with site.daemon():
            self.assertEqual(0, site.ctl("quarantine", "release", quarantined["id"]).returncode)
            live.wait_until(lambda: self.host.inbox("rae@lab.test"), "the reporter was answered", 20)
        self.assertEqual(1, len(site.tickets()))


if __name__ == "__main__":
    live.main()
