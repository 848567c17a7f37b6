#!/usr/bin/env python3
"""Is a reload whole or not at all, and does no mail suffer from it?"""
import pathlib
import sqlite3
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from tocsin import ROOT

RULE = """\
[[rule]]
id    = "marked"
why   = "Which of two rule sets it was."
score = {score}
when  = 'subject ~ /no/i'

[[rule]]
id    = "marked-too"
why   = "The same, so that a mixture would show."
score = {score}
when  = 'text ~ /page/i'
"""
LETTERS = 40
RELOADS = 25  # a thousand, by hand: RELOADS=1000


class Reloading(live.Test):
    def setUp(self):
        self.site = self.new_site()
        self.extra = self.site.folder / "rules.d"
        self.extra.mkdir()
        self.site.configure(rules=[ROOT / "rules", self.extra])
        self.write(0)

    def write(self, score):
        (self.extra / "new").write_text(RULE.format(score=score))
        (self.extra / "new").rename(self.extra / "a.toml")

    def alarms(self):
        return [one for one in self.host.inbox("alice@acme.test") if one["X-Tocsin-Mail"] == "alarm"]

    def test_a_bad_file_keeps_the_old_set_and_is_told_once(self):
        with self.site.daemon() as daemon:
            (self.extra / "b.toml").write_text("[[rule]]\nid = 'x'\nwhy = 'w'\nscor = 5\nwhen = 'text ~ /(/'\n")
            for _ in range(3):
                daemon.forget_notices()
                daemon.signal(signal.SIGHUP)
                daemon.wait_for_notice("READY=1")
            self.host.send(mails.critical_report())
            live.wait_until(lambda: self.site.tickets() and self.site.settled(), "the report is a ticket")
            broken = (self.extra / "b.toml").read_text()
            self.host.settle()
            self.assertEqual(1, len(self.alarms()))
            for text in ("", broken, broken):  # mended, and broken again in the same way
                (self.extra / "b.toml").write_text(text)
                daemon.forget_notices()
                daemon.signal(signal.SIGHUP)
                daemon.wait_for_notice("READY=1")
            live.wait_until(lambda: len(self.alarms()) == 2, "the same mistake is told again")
        self.host.settle()
        alarms = self.alarms()
        self.assertEqual(2, len(alarms))
        self.assertIn("b.toml:4:1", alarms[0].text)
        self.assertIn("CONFIGURATION_REFUSED", self.site.last_log_lines(400))

    def test_under_load_no_mail_is_lost_and_no_two_sets_are_mixed(self):
        import os
        reloads = int(os.environ.get("RELOADS", RELOADS))
        with self.site.daemon() as daemon:
            sending = threading.Thread(target=lambda: [self.host.send(mails.numbered_report(n), settle=False) or time.sleep(0.05)
                                                       for n in range(LETTERS)])
            sending.start()
            for count in range(reloads):
                self.write(1 if count % 2 else -1)
                daemon.forget_notices()
                daemon.signal(signal.SIGHUP)
                daemon.wait_for_notice("READY=1", seconds=60)
            sending.join()
            self.host.settle()
            live.wait_until(lambda: len(self.site.tickets()) == LETTERS and self.site.settled(), "every mail is a ticket", 120)
        database = sqlite3.connect(f"file:{self.site.database}?mode=ro", uri=True)
        scores = {}
        for rules, score in database.execute("SELECT rules, score FROM rating WHERE kind = 'report'"):
            scores.setdefault(rules, set()).add(score)
        self.assertTrue(scores)
        # One rule set gives these reports, alike but for a number, one score each; a mixture would give another.
        for rules, found in scores.items():
            self.assertEqual(1, len(found), f"{rules}: {found}")


if __name__ == "__main__":
    live.main()
