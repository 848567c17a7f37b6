#!/usr/bin/env python3
"""Does each kind of mail about time arrive as it should? A policy is stepped through with --now."""
import datetime
import pathlib
import sqlite3
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from tocsin import ROOT

POLICY = """
[[clock]]
id       = "triage"
promise  = { en = "tell you how we rate it", de = "Ihnen unsere Einschätzung sagen" }
start    = "received"
stop     = "triaged"
within   = "1 business day"
calendar = "office"
remind   = ["4 business hours before", "due", "every 1 business day after"]
to       = ["role:desk"]
escalate = [{ at = "1 business day after", to = ["role:lead"] }]
"""
TEAM = """
[[team]]
name = "Alice"
address = "alice@acme.test"
roles = ["lead"]

[[team]]
name = "Bob"
address = "bob@acme.test"
roles = ["desk"]
"""
ABOUT_TIME = ("reminder", "overdue", "escalation", "digest")


def at(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Stepping:
    """The days of a site: `step` runs it once at a time and gives what came to a member since the last look."""

    def __init__(self, host, site):
        self.host, self.site, self.seen = host, site, set()

    def come(self, mail, when):
        self.host.put(mail, received=int(at(when).timestamp()))

    def step(self, when):
        self.site.once("--now", when)
        came = []
        for address in ("alice@acme.test", "bob@acme.test"):
            for mail in self.host.inbox(address):
                if mail.message_id in self.seen:
                    continue
                self.seen.add(mail.message_id)
                if mail["X-Tocsin-Mail"] in ABOUT_TIME + ("alarm",):
                    came.append((address.partition("@")[0], mail["X-Tocsin-Mail"], mail))
        return came


def kinds(came):
    return sorted((who, kind) for who, kind, _ in came)


def policy_site(host_site, policy=POLICY):
    rules = host_site.folder / "rules.d"
    (rules / "policies").mkdir(parents=True)
    (rules / "policies" / "stepped.toml").write_text(policy)
    host_site.configure(team=(), rules=[ROOT / "rules", rules], mailbox='policy = "stepped"\n', more=TEAM)
    return host_site


class WhenTimePasses(live.Story):
    """Berlin, the office is open from 9 to 17; a report comes on Monday, 1 March 2027, at 10."""

    @classmethod
    def tell(cls, host, site):
        days = cls.days = Stepping(host, policy_site(site))
        cls.report = mails.numbered_report(1)
        days.come(cls.report, "2027-03-01T09:00:00Z")
        cls.at_once = days.step("2027-03-01T09:00:05Z")
        cls.number = site.only_ticket()["number"]
        cls.before = days.step("2027-03-01T12:59:00Z")
        cls.reminded = days.step("2027-03-01T13:00:01Z")
        cls.again = days.step("2027-03-01T13:00:02Z")
        cls.digest = days.step("2027-03-02T07:30:00Z")
        cls.due = days.step("2027-03-02T09:00:00Z")
        cls.escalated = days.step("2027-03-03T09:00:00Z")
        overdue = next(mail for who, kind, mail in cls.escalated if who == "bob" and kind == "overdue")
        days.come(mails.mail("Bob <bob@acme.test>", subject="Out of office", text="I am away until 4 March 2027.\n",
                             answers=overdue.message_id, headers=[("Auto-Submitted", "auto-replied")]),
                  "2027-03-03T09:01:00Z")
        cls.answered = days.step("2027-03-03T09:02:00Z")
        cls.away = [one for one in days.step("2027-03-04T09:00:00Z")]
        cls.night = days.step("2027-03-09T02:00:00Z")
        cls.after_downtime = days.step("2027-03-09T08:00:00Z")
        cls.ticket = site.ticket(cls.number)

    def only(self, came, kind):
        mail, = [mail for _, one, mail in came if one == kind]
        return mail

    def test_nothing_is_said_before_its_time(self):
        self.assertEqual([], kinds(self.at_once))
        self.assertEqual([], kinds(self.before))

    def test_a_reminder_comes_once_to_its_role(self):
        self.assertEqual([("bob", "reminder")], kinds(self.reminded))
        self.assertEqual([], kinds(self.again))
        mail = self.only(self.reminded, "reminder")
        self.assertIn(f"[{self.number}]", mail["Subject"])
        self.assertEqual(self.number, mail["X-Tocsin-Ticket"])
        self.assertEqual("auto-generated", mail["Auto-Submitted"])
        self.assertIn("Tuesday, 2 March 2027, 10:00 CET", mail.text)
        self.assertIn('Our promise to the reporter: "We will tell you how we rate it."', mail.text)
        self.assertNotIn("comes late", mail.text)

    def test_the_digest_comes_on_the_second_morning(self):
        self.assertEqual([("alice", "digest"), ("bob", "digest")], kinds(self.digest))
        text = self.only([one for one in self.digest if one[0] == "bob"], "digest").text
        self.assertIn(self.number, text)
        self.assertIn("Due by the end of the next business day", text)
        self.assertIn("Nobody has taken", text)

    def test_the_deadline_is_told_when_it_has_come(self):
        self.assertEqual([("bob", "overdue")], kinds(self.due))
        self.assertIn("OVERDUE", self.only(self.due, "overdue")["Subject"])

    def test_it_is_escalated_a_day_later(self):
        self.assertIn(("alice", "escalation"), kinds(self.escalated))
        self.assertIn(("bob", "overdue"), kinds(self.escalated))
        self.assertIn("escalation", self.only(self.escalated, "escalation").text)

    def test_who_is_away_is_stood_in_for(self):
        told = [one for one in self.away if one[1] == "overdue"]
        self.assertEqual([("alice", "overdue")], kinds(told))
        self.assertIn("Bob is away", told[0][2].text)

    def test_a_downtime_is_one_mail_that_says_so(self):
        self.assertEqual([], [one for one in kinds(self.night) if one[1] != "digest"])
        told = [one for one in self.after_downtime if one[1] != "digest"]
        self.assertEqual([("bob", "overdue")], kinds(told))
        self.assertIn("comes late", told[0][2].text)
        self.assertIn("stands for", told[0][2].text)

    def test_the_history_says_what_was_told_and_what_counted(self):
        told = [event["detail"]["marks"] for event in self.ticket["history"] if event["event"] == "reminded"]
        self.assertEqual("4 business hours before 1", told[0])
        self.assertEqual("due 1", told[1])
        clock, = [one for one in self.ticket["clocks"] if one["name"] == "triage"]
        self.assertEqual([True, False, True], [one["counted"] for one in clock["intervals"]])
        self.assertEqual("2027-03-01T09:00:00Z", clock["intervals"][0]["from"])
        self.assertEqual("2027-03-02T09:00:00Z", clock["intervals"][-1]["to"])

    def test_the_history_is_whole(self):
        made_again = self.days.site.ticket(self.number)
        self.assertEqual(self.ticket["clocks"], made_again["clocks"])


class WhenSeveralTicketsAreDue(live.Test):
    def test_a_person_gets_one_mail(self):
        site = policy_site(self.new_site())
        days = Stepping(self.host, site)
        for number in range(3):
            days.come(mails.numbered_report(number), "2027-03-01T09:00:00Z")
        days.step("2027-03-01T09:00:05Z")
        came = days.step("2027-03-01T13:00:00Z")
        self.assertEqual([("bob", "reminder")], kinds(came))
        text = came[0][2].text
        for row in site.tickets():
            self.assertIn(row["number"], text)


class WhenTheClockJumps(live.Test):
    def test_reminders_are_held_and_somebody_is_told(self):
        site = self.new_site()
        self.host.send(mails.numbered_report(1))
        site.once()
        # As if the wall clock had been three days behind when it was last looked at, within this boot.
        with sqlite3.connect(site.database) as database:
            self.assertEqual(1, database.execute("UPDATE noted SET at = at - 3 * 86400 * 1000000 WHERE name = 'clock'").rowcount)
        database.close()
        site.once()
        self.assertIn("CLOCK_JUMPED", site.log.read_text())
        alarms = [mail for mail in self.host.inbox("alice@acme.test") if mail["X-Tocsin-Mail"] == "alarm"]
        self.assertEqual(1, len(alarms))
        self.assertIn("72 hours forward", alarms[0].text)
        site.once()
        self.assertEqual(1, len([mail for mail in self.host.inbox("alice@acme.test") if mail["X-Tocsin-Mail"] == "alarm"]))
        self.assertEqual(0, site.ctl("clock", "believe").returncode)
        site.once()
        self.assertEqual(1, site.log.read_text().count("CLOCK_JUMPED"))


class WhatAPolicyWouldDo(live.Test):
    def test_it_is_told_without_a_daemon(self):
        site = policy_site(self.new_site())
        told = site.json("policy", "simulate", "stepped", "--received", "2027-03-01T10:00:00+01:00", "--severity", "high")
        clock, = told["clocks"]
        self.assertEqual("triage", clock["name"])
        self.assertEqual("2027-03-02T09:00:00Z", clock["due"])
        self.assertEqual(["2027-03-01T13:00:00Z", "2027-03-02T09:00:00Z", "2027-03-03T09:00:00Z"], clock["reminders"][:3])
        self.assertEqual([{"at": "2027-03-03T09:00:00Z", "mark": "1 business day after", "to": ["role:lead"]}], clock["escalations"])
        self.assertEqual([("2027-03-01T09:00:00Z", "2027-03-01T16:00:00Z", True), ("2027-03-01T16:00:00Z", "2027-03-02T08:00:00Z", False),
                          ("2027-03-02T08:00:00Z", "2027-03-02T09:00:00Z", True)],
                         [(one["from"], one["to"], one["counted"]) for one in clock["intervals"]])
        self.assertEqual(64, site.ctl("policy", "simulate", "stepped", "--received", "tomorrow").returncode)
        shipped = self.new_site().json("policy", "simulate", "truvera", "--received", "2027-03-01T10:00:00+01:00", "--rules", ROOT / "rules")
        self.assertEqual("2027-03-04T09:00:00Z", {one["name"]: one["due"] for one in shipped["clocks"]}["triage"])
        self.assertEqual(64, site.ctl("policy", "simulate", "steped", "--received", "2027-03-01T10:00:00Z").returncode)


if __name__ == "__main__":
    live.main()
