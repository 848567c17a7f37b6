#!/usr/bin/env python3
"""The one long story through the running daemon: after each step every mailbox holds what it should, and nothing else."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import story

STATES = {"A report comes": "acknowledged", "It is triaged, with a date": "fixing",
          "Alice needs something from Rae": "waiting", "Rae answers all the same": "fixing", "It is fixed": "fixed",
          "Rae asks how it stands": "fixed", "The day of the disclosure is named": "disclosed", "It is closed": "closed",
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


if __name__ == "__main__":
    live.main()
