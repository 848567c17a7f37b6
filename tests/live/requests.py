#!/usr/bin/env python3
"""Does the daemon do what tocsinctl asks, and does tocsinctl say so when it cannot?"""
import os
import pathlib
import signal
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails


class Outbox(live.Test):
    def held_back_site(self):
        """A submission server that is not there: everything waits."""
        site = self.new_site(smtp="smtp://localhost:1")
        self.host.put(mails.critical_report())
        site.once(expect=69)
        return site

    def waiting(self, site):
        return {row["template"]: row for row in site.json("outbox", "list")["outbox"]
                if row["recipient"] in ("rae@lab.test", "alice@acme.test")}

    def test_is_listed_held_released_and_dropped_without_a_daemon(self):
        site = self.held_back_site()
        rows = self.waiting(site)
        self.assertEqual({"acknowledgement", "notice"}, set(rows))
        self.assertEqual(rows["acknowledgement"]["ticket"], site.only_ticket()["number"])
        held = site.ctl("outbox", "hold", rows["acknowledgement"]["id"])
        self.assertEqual(0, held.returncode, held.stderr)
        self.assertEqual("held", self.waiting(site)["acknowledgement"]["state"])
        self.assertEqual(1, site.json("status")["outbox"]["held"])
        site.configure()
        site.once()
        self.assertEqual([], self.host.inbox("rae@lab.test"), "what is held stays")
        self.assertEqual(1, len(self.host.inbox("alice@acme.test")))
        released = site.json("outbox", "release", rows["acknowledgement"]["id"])
        self.assertTrue(released["done"], released)
        site.once()
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))

    def test_what_is_dropped_never_goes_out_and_is_in_the_history(self):
        site = self.held_back_site()
        mail = self.waiting(site)["acknowledgement"]["id"]
        refused = site.ctl("outbox", "drop", mail)
        self.assertEqual(64, refused.returncode, "what destroys asks first")
        self.assertEqual(0, site.ctl("outbox", "drop", mail, "--yes").returncode)
        site.configure()
        site.once()
        self.assertEqual([], self.host.inbox("rae@lab.test"))
        self.assertIn("failed", [line["event"] for line in site.only_ticket()["history"]])
        again = site.ctl("outbox", "release", mail)
        self.assertEqual(65, again.returncode)
        self.assertIn("dropped", again.stderr)
        self.assertEqual(65, site.ctl("outbox", "hold", 4711).returncode)

    def test_a_running_daemon_answers_at_once(self):
        site = self.held_back_site()
        mail = self.waiting(site)["acknowledgement"]["id"]
        with site.daemon():
            begun = time.monotonic()
            answer = site.json("outbox", "hold", mail)
            self.assertTrue(answer["done"], answer)
            self.assertLess(time.monotonic() - begun, 5)
            self.assertIn("REQUEST_CARRIED_OUT", site.log.read_text())
            self.assertEqual("held", self.waiting(site)["acknowledgement"]["state"])

    def test_a_daemon_that_does_not_answer_is_not_waited_for(self):
        site = self.held_back_site()
        mail = self.waiting(site)["acknowledgement"]["id"]
        with site.daemon() as daemon:
            daemon.signal(signal.SIGSTOP)
            try:
                done = site.ctl("outbox", "hold", mail, seconds=40)
            finally:
                daemon.signal(signal.SIGCONT)
            self.assertEqual(75, done.returncode, done.stderr)
            self.assertIn("nothing was done", done.stderr)
            self.assertNotEqual("held", self.waiting(site)["acknowledgement"]["state"])


class Quarantine(live.Test):
    def test_is_empty_and_says_so(self):
        site = self.new_site()
        site.once()
        self.assertEqual({"quarantine": []}, site.json("quarantine", "list"))
        self.assertIn("Nothing is quarantined", site.ctl("quarantine", "list").stdout)
        self.assertEqual(65, site.ctl("quarantine", "show", 1).returncode)
        self.assertEqual(65, site.ctl("quarantine", "release", 1).returncode)


if __name__ == "__main__":
    live.main()
