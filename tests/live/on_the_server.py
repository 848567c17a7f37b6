#!/usr/bin/env python3
"""Does what becomes of mail on the server (`after`, `sent`) happen once, and to the right mails alone?"""
import pathlib
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails

OLD = time.time() - 400 * 86400


def seen(letter):
    return letter.path is not None and letter.path.name.partition(":2,")[2].find("S") >= 0


class Afterwards(live.Test):
    def test_a_finished_mail_is_moved_and_its_copy_too(self):
        site = self.new_site(mailbox='after = "move:Archive"')
        report = mails.critical_report()
        self.host.put(report)
        self.host.put(mails.numbered_report(2))
        site.once()
        self.host.put(report)  # delivered twice
        site.once()
        self.assertEqual([], self.host.inbox("security@acme.test"))
        self.assertEqual(3, len(self.host.inbox("security@acme.test", "Archive")))
        self.assertEqual(2, len(site.tickets()))
        site.once()
        self.assertEqual(3, len(self.host.inbox("security@acme.test", "Archive")))
        self.assertEqual([{"mailbox": "security", "waiting": 0, "given_up": 0}], site.json("status")["server_actions"])

    def test_a_finished_mail_is_marked_by_the_running_daemon_at_once(self):
        site = self.new_site(mailbox='after = "seen"')
        with site.daemon():
            self.host.send(mails.critical_report())
            live.wait_until(lambda: [seen(one) for one in self.host.inbox("security@acme.test")] == [True],
                            "the report was marked as read", 20)
        self.assertEqual(1, len(site.tickets()))

    def test_a_report_that_a_human_takes_out_of_the_junk_is_answered(self):
        """Small, and so large that it comes in pieces."""
        large = mails.mail("Lea <lea@lab.test>", subject="Remote code execution", text="Remote code execution, see the recording.\n",
                           attachments=[("proof.bin", "application/octet-stream", bytes(range(256)) * 8192)])
        for report, reporter in ((mails.critical_report(), "rae@lab.test"), (large, "lea@lab.test")):
            with self.subTest(reporter):
                site = self.new_site(mailbox='also = ["Junk"]')
                self.host.put(report, folder="Junk")
                site.once()
                self.assertEqual([], self.host.inbox(reporter), "junk is looked at and never answered")
                session = self.host.imap_session("security@acme.test")
                session.select("Junk")
                session.uid("MOVE", "1:*", "INBOX")
                session.logout()
                site.once()
                self.assertEqual(["acknowledgement"], [one["X-Tocsin-Mail"] for one in self.host.inbox(reporter)])
                site.once()
                self.assertEqual(1, len(self.host.inbox(reporter)))
                self.assertEqual(0, site.ctl("audit", "verify").returncode)

    def test_what_was_there_before_the_start_stays_as_it_is(self):
        site = self.new_site(start="now", mailbox='after = "move:Archive"')
        for number in range(5):
            self.host.put(mails.numbered_report(number), received=OLD + number)
        site.once()
        self.assertEqual(5, len(self.host.inbox("security@acme.test")))
        self.assertEqual([], site.tickets())

    def test_keep_changes_nothing(self):
        site = self.new_site()
        self.host.put(mails.critical_report())
        site.once()
        self.assertEqual([False], [seen(one) for one in self.host.inbox("security@acme.test")])


class Sent(live.Test):
    def filed(self):
        return self.host.inbox("security@acme.test", "Sent")

    def test_our_mail_to_people_outside_is_filed_once_and_opens_nothing(self):
        site = self.new_site(mailbox='sent = "Sent"')
        self.host.put(mails.critical_report())
        site.once()
        live.wait_until(lambda: len(self.filed()) == 1, "the acknowledgement was filed", 5)
        letter = self.filed()[0]
        self.assertEqual(self.host.inbox("rae@lab.test")[0].message_id, letter.message_id)
        self.assertEqual("acknowledgement", letter["X-Tocsin-Mail"])
        self.assertTrue(seen(letter))
        site.once()
        site.once()
        self.assertEqual(1, len(self.filed()))
        self.assertEqual(1, len(site.tickets()))

    def begin_again(self, site):
        with sqlite3.connect(site.database) as database:
            database.execute("UPDATE server_action SET state = 'begun' WHERE what = 'file'")
        database.close()

    def test_a_filing_that_was_cut_off_is_not_done_twice(self):
        site = self.new_site(mailbox='sent = "Sent"')
        self.host.put(mails.critical_report())
        site.once()
        self.assertEqual(1, len(self.filed()))
        # As after a crash between the server's OK and our commit.
        self.begin_again(site)
        site.once()
        self.assertEqual(1, len(self.filed()))
        self.begin_again(site)
        for letter in self.filed():
            letter.path.unlink()
        site.once()
        self.assertEqual(0, len(self.filed()), "what the journal saw there was filed")

    def test_a_mail_that_a_person_wrote_there_opens_no_ticket(self):
        site = self.new_site(mailbox='sent = "Sent"')
        self.host.put(mails.mail("security@acme.test", "rae@lab.test", "Remote code execution", "About your report."), folder="Sent")
        self.host.put(mails.critical_report())
        site.once()
        self.assertEqual(1, len(site.tickets()))
        self.assertEqual([], self.host.inbox("security@acme.test")[1:])


if __name__ == "__main__":
    live.main()
