#!/usr/bin/env python3
"""The one long story through the running daemon: after each step every mailbox holds what it should, and nothing else."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
import story

STATES = {"A report comes": "acknowledged", "It is triaged, with a date": "fixing",
          "Alice needs something from Rae": "waiting", "Rae answers all the same": "fixing", "It is fixed": "fixed",
          "Rae asks how it stands": "fixed", "The day of the disclosure is named": "fixed", "It is closed": "closed",
          "It comes back": "closed", "Bob opens it again": "triaged"}


class TheLongStory(live.Test):
    def test_from_the_report_to_its_end_and_back(self):
        site = self.new_site()
        told = []
        with site.daemon():
            tale = story.Story(self.host, site)
            for chapter in tale.chapters():
                told.append(chapter)
                with self.subTest(chapter.title):
                    self.assertEqual([], chapter.wrong)
                    if chapter.title in STATES:
                        self.assertEqual(STATES[chapter.title], chapter.state)
            ticket = site.ticket(tale.ticket()["number"])
        self.assertEqual("Rae L. of the Lab", ticket["credit"])
        self.assertTrue(ticket["embargo"])
        self.assertEqual("alice@acme.test", ticket["owner"])
        self.assertIn("met", {clock["state"] for clock in ticket["clocks"] if clock["name"] == "triage"})
        # Nobody is thanked in public before the day that was agreed on.
        self.assertNotIn("Rae L.", site.ctl("export", "hall-of-fame").stdout)


class WrittenPastUs(live.Test):
    """Somebody of the team answers out of the shared mailbox, by hand."""

    def answered_by_hand(self, to):
        site = self.new_site(mailbox='sent = "Sent"')
        report = mails.critical_report()
        self.host.send(report)
        site.once()
        by_hand = mails.mail("ACME Security <security@acme.test>", to=to, subject="Re: Remote code execution in the upload form",
                             text="/close spam\n\nWe see it too.\n", answers=mails.identity_of(report))
        self.host.put(by_hand, folder="Sent")
        site.once()
        return site, by_hand, site.only_ticket()

    def test_to_the_reporter_is_recorded_and_not_sent_again(self):
        site, by_hand, ticket = self.answered_by_hand("rae@lab.test")
        self.assertEqual(["acknowledgement"], [letter["X-Tocsin-Mail"] for letter in self.host.inbox("rae@lab.test")])
        self.assertIn("team-reply", [message["kind"] for message in ticket["messages"]])
        self.assertIn("reporter-updated", [line["event"] for line in ticket["history"]])
        self.assertEqual("acknowledged", ticket["state"])
        self.host.send(mails.mail(subject="Re: Remote code execution in the upload form", text="Thank you!\n",
                                  answers=mails.identity_of(by_hand)))
        site.once()
        self.assertEqual("reporter-reply", site.only_ticket()["messages"][-3]["kind"])

    def test_to_others_of_the_house_is_a_note(self):
        _, _, ticket = self.answered_by_hand("legal@acme.test")
        self.assertIn("noted", [line["event"] for line in ticket["history"]])
        self.assertEqual(1, [line["event"] for line in ticket["history"]].count("reporter-updated")
                         + [line["event"] for line in ticket["history"]].count("acknowledged"))


if __name__ == "__main__":
    live.main()
