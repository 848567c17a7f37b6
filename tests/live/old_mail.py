#!/usr/bin/env python3
"""Years of mail in the mailbox and `start = "now"`: does nobody hear of it, whatever the server does with it later?"""
import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails

COUNT = int(os.environ.get("TOCSIN_OLD_MAILS", "300"))
YEARS = 5 * 365 * 86400


class OldMail(live.Test):
    def fill(self, site):
        now = time.time()
        for number in range(COUNT):
            self.host.put(mails.numbered_report(number), received=now - 86400 - YEARS * (COUNT - number) / COUNT)

    def assert_silence(self, site):
        self.assertEqual([], site.tickets())
        self.assertEqual([], site.json("outbox", "list")["outbox"])
        self.assertEqual({"security@acme.test"}, {address for address in self.host.addresses() if self.host.inbox(address)})
        self.assertEqual({0}, {folder["missing"] for folder in site.json("status")["mailboxes"]})

    def renumber(self):
        """As after a restored backup: the server has lost what it knew, and numbers everything anew."""
        maildir = self.host.mail / "security@acme.test" / "Maildir"
        for path in maildir.glob("dovecot*"):
            path.unlink()
        time.sleep(1.1)  # UIDVALIDITY is the time at which it was made

    def test_is_baseline_and_stays_it(self):
        site = self.new_site(start="now")
        self.fill(site)
        site.once(seconds=200)
        self.assert_silence(site)
        self.assertEqual(COUNT, site.json("status")["journal"]["total"])

        self.host.send(mails.critical_report())
        site.once()
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")), "what comes after the start is answered")

        self.renumber()
        done = site.once(seconds=200)
        self.assertIn("MAILBOX_RENUMBERED", done.stderr)
        self.assertEqual(1, len(site.tickets()))
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))
        self.assertEqual({0}, {folder["missing"] for folder in site.json("status")["mailboxes"]})

        # Somebody drags an old folder into the inbox: mail that was never seen, from before the start.
        for number in range(COUNT, COUNT + 50):
            self.host.put(mails.numbered_report(number), received=time.time() - 2 * YEARS)
        site.once(seconds=100)
        self.assertEqual(1, len(site.tickets()))
        self.assertEqual([], site.json("outbox", "list")["outbox"])

    def test_a_new_numbering_of_a_mailbox_that_is_followed_answers_nobody_again(self):
        site = self.new_site()
        for number in range(20):
            self.host.put(mails.numbered_report(number))
        site.once()
        self.renumber()
        self.host.put(mails.numbered_report(20))
        site.once()
        self.assertEqual(21, len(site.tickets()))
        for number in range(21):
            self.assertEqual(1, len(self.host.inbox(f"reporter{number}@lab.test")), number)

    def test_a_mailbox_that_is_emptied_loses_nothing_here(self):
        site = self.new_site()
        for number in range(5):
            self.host.put(mails.numbered_report(number))
        site.once()
        for letter in self.host.inbox("security@acme.test"):
            letter.path.unlink()
        site.once()
        self.assertEqual(5, len(site.tickets()))
        self.assertEqual({0}, {folder["missing"] for folder in site.json("status")["mailboxes"]})
        self.host.put(mails.numbered_report(5))
        site.once()
        self.assertEqual(6, len(site.tickets()))

    def test_a_folder_beside_the_inbox_that_is_renamed_is_told_and_holds_up_nobody(self):
        site = self.new_site(mailbox='also = ["Reports"]')
        self.host.put(mails.numbered_report(1), folder="Reports")
        site.once()
        maildir = self.host.mail / "security@acme.test" / "Maildir"
        (maildir / ".Reports").rename(maildir / ".Elsewhere")
        for path in maildir.glob("dovecot.list*"):
            path.unlink()
        self.host.put(mails.numbered_report(2))
        site.once()
        self.assertEqual(2, len(site.tickets()))
        trouble = {folder["folder"]: folder["trouble"] for folder in site.json("status")["mailboxes"]}
        self.assertIsNone(trouble["INBOX"])
        self.assertIsNotNone(trouble["Reports"])


class SeveralMailboxes(live.Test):
    def test_a_bad_one_delays_no_other(self):
        site = self.new_site()
        text = site.config.read_text()
        table = text[text.index("[[mailbox]]"):text.index("[submission]")]
        bad = table.replace('name = "security"', 'name = "gone"').replace(f"localhost:{self.host.imaps}", "localhost:1")
        silent = table.replace('name = "security"', 'name = "silent"').replace(
            f"imaps://localhost:{self.host.imaps}", f"imaps://localhost:{self.silent_port()}")
        second = table.replace('name = "security"', 'name = "second"').replace('"security@acme.test"', '"psirt@acme.test"')
        site.config.write_text(text.replace(table, bad + silent + table + second))
        with site.daemon():
            self.host.send(mails.numbered_report(1))
            self.host.send(mails.numbered_report(2), to="psirt@acme.test")
            live.wait_until(lambda: len(self.host.inbox("reporter1@lab.test")) == 1
                            and len(self.host.inbox("reporter2@lab.test")) == 1, "both reports were answered", 20)
            trouble = {folder["name"]: folder["trouble"] for folder in site.json("status")["mailboxes"]}
        self.assertIsNotNone(trouble["gone"])
        self.assertIsNone(trouble["security"])
        self.assertIsNone(trouble["second"])

    def silent_port(self):
        """A peer that accepts and says nothing, for as long as the test lives."""
        import socket
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        self.addCleanup(listener.close)
        return listener.getsockname()[1]


if __name__ == "__main__":
    live.main()
