#!/usr/bin/env python3
"""A submission server that refuses, forgets and hangs up: does each mail go out once, and is each end told?"""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from smtp_peer import SmtpPeer

RAE, ALICE, BOB = "rae@lab.test", "alice@acme.test", "bob@acme.test"
LATER = "2030-01-01T{:02}:00:00Z"  # long after every back-off


class Submission(live.Test):
    def setUp(self):
        self.peer = SmtpPeer(self.host)
        self.addCleanup(self.peer.close)
        self.site = self.new_site(smtp=self.peer.url)
        self.host.put(mails.critical_report())

    def waiting(self):
        return {row["recipient"]: row["state"] for row in self.site.json("outbox", "list")["outbox"]}

    def assert_all_went_out_once(self):
        self.assertEqual({}, self.waiting())
        self.assertEqual([1, 1, 1], [len(self.peer.to(one)) for one in (RAE, ALICE, BOB)])
        self.assertEqual("acknowledged", self.site.only_ticket()["state"])

    def test_a_no_for_now_at_any_step_delays_that_mail_alone(self):
        for step in ("MAIL", "RCPT", "DATA", "DOT"):
            with self.subTest(step):
                self.setUp()
                # MAIL is said before the recipient is known: there the no is for all.
                self.peer.lies[step, "" if step == "MAIL" else RAE] = "451 4.3.0 not now"
                self.site.run("--once")
                self.assertEqual("deferred", self.waiting()[RAE])
                self.assertEqual([], self.peer.to(RAE))
                if step != "MAIL":
                    self.assertEqual([1, 1], [len(self.peer.to(one)) for one in (ALICE, BOB)])
                    self.assertEqual(1, self.peer.sessions, "one connection for all of them")
                self.assertEqual("new", self.site.only_ticket()["state"], "not acknowledged until a server took it")
                self.peer.lies.clear()
                self.site.once()  # a new process sends what waits at once
                if self.waiting():
                    self.site.once("--now", LATER.format(1))
                self.assertEqual(1, len(self.peer.to(RAE)))
                self.assertEqual("acknowledged", self.site.only_ticket()["state"])

    def test_going_down_in_the_middle_loses_nothing(self):
        self.peer.lies["DATA", ALICE] = "421 4.3.2 going down"
        self.site.run("--once")
        self.peer.lies.clear()
        self.site.run("--once")
        if self.waiting():
            self.site.once("--now", LATER.format(1))
        self.assert_all_went_out_once()

    def test_a_final_no_is_told_to_the_team(self):
        self.peer.lies["RCPT", RAE] = "550 5.1.1 no such user"
        self.site.once()
        self.assertNotIn(RAE, self.waiting())
        self.assertIn("failed", [line["event"] for line in self.site.only_ticket()["history"]])
        self.assertNotEqual("acknowledged", self.site.only_ticket()["state"])
        self.peer.lies.clear()
        self.site.once("--now", LATER.format(1))
        self.assertEqual([], self.peer.to(RAE), "a final no is final")
        told = [raw for raw in self.peer.to(ALICE) if b"X-Tocsin-Mail: bounced" in raw]
        self.assertEqual(1, len(told))
        self.assertIn(b"550 5.1.1 no such user", told[0])

    def test_what_nobody_answered_goes_out_once_more_with_the_same_bytes(self):
        self.peer.lies["DOT", RAE] = None
        self.site.run("--once")
        self.assertEqual("unknown", self.waiting()[RAE])
        self.assertEqual("new", self.site.only_ticket()["state"])
        self.peer.lies.clear()
        self.site.run("--once")
        if self.waiting():
            self.site.once("--now", LATER.format(1))
        copies = self.peer.to(RAE)
        self.assertEqual(2, len(copies))
        self.assertEqual(copies[0], copies[1])
        self.assertEqual("acknowledged", self.site.only_ticket()["state"])
        self.site.once("--now", LATER.format(2))
        self.assertEqual(2, len(self.peer.to(RAE)))

    def test_what_nobody_answers_twice_is_left_at_that(self):
        self.peer.lies["DOT", RAE] = None
        self.site.run("--once")
        for hour in (1, 2, 3):
            self.site.run("--once", "--now", LATER.format(hour))
        self.assertEqual(2, len(self.peer.to(RAE)))
        self.assertNotIn(RAE, self.waiting())
        self.assertEqual("acknowledged", self.site.only_ticket()["state"])
        for member in (ALICE, BOB):
            self.assertEqual(1, len([raw for raw in self.peer.to(member) if b"X-Tocsin-Mail: notice" in raw]), member)


if __name__ == "__main__":
    live.main()
