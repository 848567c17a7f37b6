#!/usr/bin/env python3
"""Is every promise of every shipped policy kept when it is kept, and said to be missed when it is not?

Each policy twice, on a standing clock, from a report to the end of its ticket: once the team does in time what it
promised, once it does not."""
import datetime
import os
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails

ALICE, BOB = "alice@acme.test", "bob@acme.test"
BEGIN = datetime.datetime.fromisoformat("2026-03-02T10:00:00+01:00")  # a Monday
NOTICE_LASTS = 20  # days in which we answer one; it proves its member for 30
REPORT = """\
Hello,

the upload form lets anybody run code: remote code execution, without logging in.
Steps to reproduce: upload a.php at https://portal.acme.test/upload
Impact: an attacker controls the server. We found your customer database for sale on a forum.
Rae
"""

# (day after the report, command, whether it is asked for a yes), then the clocks that have run by the end.
KEPT = {
    "default": ([(0.5, "/triage high", False), (3, "/evaluated", False), (10, "/investigated", False),
                 (20, "/fixed 4.2.2", False), (21, "/disclose", True), (22, "/close fixed", True)],
                {"acknowledge", "triage", "evaluate", "resolve", "keep-informed"}),
    "code-bards": ([(1, "/triage high", False), (10, "/investigated", False), (20, "/fixed 4.2.2", False),
                    (21, "/credit Rae Lindqvist", False), (22, "/disclose", True), (23, "/close fixed", True)],
                   {"acknowledge", "triage", "investigate", "resolve", "disclose", "credit"}),
    "seven-business-days": ([(2, "/evaluated", False), (3, "/eta 2026-04-01", False), (14, "/fixed 4.2.2", False),
                             (15, "/credit anonymous", False), (16, "/close fixed", True)],
                            {"acknowledge", "evaluate", "keep-informed", "tell-when-fixed", "resolve", "credit"}),
    "truvera": ([(1, "/triage high", False), (1.2, "/incident", False), (2, "/customers-notified", False),
                 (3, "/severity medium", False), (14, "/fix-ready 4.2.2", False), (15, "/fixed 4.2.2", False),
                 (16, "/release-noted", False), (17, "/disclose", True), (18, "/close fixed", True)],
                {"triage", "resolve", "disclose", "notify-customers", "release-note"}),
    "cmw-lab": ([(1, "/triage high", False), (2, "/eta 2026-04-01", False), (10, "/investigated", False),
                 (15, "/fixed 4.2.2", False), (16, "/close fixed", True)],
                {"acknowledge", "triage", "evaluate", "investigate", "resolve", "tell-when-fixed"}),
    "van-patten-media": ([(5, "/investigated", False), (15, "/fixed 4.2.2", False), (16, "/credit Rae Lindqvist", False),
                          (17, "/close fixed", True)],
                         {"acknowledge", "investigate", "resolve", "credit"}),
}

BEGINS_ANEW = {"keep-informed"}

# What starts the clocks that do not begin with the report: said too late, and nothing after it.
MISSED = {
    "default": [(120, "/triage high")],
    "code-bards": [(120, "/fixed 4.2.2")],
    "seven-business-days": [(120, "/fixed 4.2.2")],
    "truvera": [(120, "/severity high"), (120.1, "/incident"), (130, "/severity medium"), (130.1, "/fixed 4.2.2")],
    "cmw-lab": [(120, "/fixed 4.2.2")],
    "van-patten-media": [(120, "/fixed 4.2.2")],
}
# Those that cannot be missed here: a mail to the reporter that goes out by itself stops them.
ENDED_BY_OUR_OWN_MAIL = {"tell-when-fixed"}
MISSED_CLOCKS = {policy: clocks - ENDED_BY_OUR_OWN_MAIL - BEGINS_ANEW for policy, (_, clocks) in KEPT.items()}


def of(letters, template):
    return [letter for letter in letters if letter["X-Tocsin-Mail"] == template]


def at(days):
    return BEGIN + datetime.timedelta(days=days)


class Promised(live.Test):
    def begin(self, policy, mode="live"):
        self.site = self.new_site(mode=mode, mailbox=f'policy = "{policy}"')
        self.report = mails.mail(subject="Remote code execution in the upload form", text=REPORT)
        self.put(self.report, BEGIN)
        self.run_at(0.001)
        self.number = self.site.only_ticket()["number"]
        self.last_notice = 0

    def put(self, letter, moment):
        self.host.put(letter, received=int(moment.timestamp()))

    def run_at(self, days):
        self.site.once("--now", at(days).isoformat())

    def answer(self, letter, text, days):
        quoted = "".join(f"> {line}\n" for line in letter.text.splitlines())
        self.put(mails.mail(ALICE, subject=f"Re: {letter['Subject']}", text=f"{text}\n\nOn Monday ACME wrote:\n{quoted}",
                            answers=letter.message_id), at(days))
        self.run_at(days + 0.001)

    def command(self, days, text, with_yes=False):
        if days - self.last_notice > NOTICE_LASTS:
            self.put(mails.mail(subject="Re: Remote code execution", text="Is there any news?\n",
                                answers=mails.identity_of(self.report)), at(days - 0.01))
            self.run_at(days - 0.005)
            self.last_notice = days
        self.answer(of(self.host.inbox(ALICE), "notice")[-1], text, days)
        if with_yes:
            questions = of(self.host.inbox(ALICE), "question")
            self.assertTrue(questions, f"{text} brings back no question")
            self.answer(questions[-1], "yes", days + 0.01)
        refused = [line for line in of(self.host.inbox(ALICE), "transcript")[-1:] if "Nothing was done" in line.text]
        self.assertEqual([], [line.text for line in refused], f"{text} on day {days}")

    def clocks(self):
        states = {}
        for clock in self.site.ticket(self.number)["clocks"]:
            states.setdefault(clock["name"], []).append(clock["state"])
        return states

    def keep(self, policy):
        self.begin(policy)
        steps, expected = KEPT[policy]
        for days, text, with_yes in steps:
            self.command(days, text, with_yes)
        clocks = self.clocks()
        self.assertEqual("closed", self.site.ticket(self.number)["state"])
        self.assertEqual(set(), expected - set(clocks), clocks)
        for name in expected - BEGINS_ANEW:
            self.assertEqual({"met"}, set(clocks[name]), f"{name}: {clocks}")
        for name in expected & BEGINS_ANEW:  # our last mail to her begins it once more
            self.assertEqual({"met"}, set(clocks[name][:-1]) or set(clocks[name]), f"{name}: {clocks}")
        self.assertEqual([], of(self.host.inbox(ALICE), "overdue") + of(self.host.inbox(BOB), "overdue"))

    def miss(self, policy):
        self.begin(policy, mode="team")  # not even the acknowledgement goes out
        for days in (1, 2, 4, 6, 12, 30, 60, 95):
            self.run_at(days)
        for days, text in MISSED[policy]:
            self.command(days, text)
        for days in (125, 134, 161):  # all of them business days
            self.run_at(days)
        clocks = self.clocks()
        expected = MISSED_CLOCKS[policy]
        self.assertEqual(set(), expected - set(clocks), clocks)
        for name in expected:
            self.assertIn("missed", clocks[name], f"{name}: {clocks}")
        told = of(self.host.inbox(ALICE), "overdue")
        marks = {line["detail"].get("clock") for line in self.site.ticket(self.number)["history"] if line["event"] == "reminded"}
        self.assertEqual(set(), expected - marks, "not said to be missed")
        self.assertGreaterEqual(len(told), 1)


def story(policy, name):
    def test(self):
        getattr(self, name)(policy)
    test.__name__ = f"test_{policy.replace('-', '_')}_{name}"
    return test


class EachPolicy(Promised):
    """A test for each policy and way: test_truvera_keep, test_truvera_miss, …"""


# Two dozen runs of the daemon each: a sample of them is run every time, all with ALL_STORIES=1.
SAMPLE = {("truvera", "keep"), ("seven-business-days", "keep"), ("code-bards", "keep"), ("cmw-lab", "miss")}

for each in KEPT:
    for what in ("keep", "miss"):
        if (each, what) in SAMPLE or "ALL_STORIES" in os.environ:
            made = story(each, what)
            setattr(EachPolicy, made.__name__, made)


@unittest.skipUnless("ALL_STORIES" in os.environ, "told with ALL_STORIES=1")
class ThatCannotBeMet(Promised):
    """Policies with a word for it, and with an order that may not be broken."""

    def test_delay_tells_the_reporter(self):
        self.begin("van-patten-media")
        self.command(5, "/delay 2026-04-15")
        self.assertTrue(of(self.host.inbox("rae@lab.test"), "delayed"))
        self.assertEqual(["met"], self.clocks()["investigate"])

    def test_nothing_is_disclosed_before_it_is_patched(self):
        self.begin("code-bards")
        self.answer(of(self.host.inbox(ALICE), "notice")[-1], "/disclose", 1)
        for question in of(self.host.inbox(ALICE), "question"):
            self.answer(question, "yes", 1.1)
        ticket = self.site.ticket(self.number)
        self.assertNotIn("disclosed", [line["event"] for line in ticket["history"]])
        self.assertIn("patched", of(self.host.inbox(ALICE), "transcript")[-1].text)


if __name__ == "__main__":
    live.main()
