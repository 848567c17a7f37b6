#!/usr/bin/env python3
"""Does what belongs together come together, and what does not stay apart?"""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails


def templates(letters):
    return [letter["X-Tocsin-Mail"] for letter in letters]


class HerFollowUps(live.Story):
    """She writes a report, then adds something to it, then answers the acknowledgement."""

    @classmethod
    def tell(cls, host, site):
        report = mails.critical_report()
        host.send(report)
        site.once()
        host.send(mails.mail(subject="Re: Remote code execution in the upload form",
                             text="One thing more: the waxwing build has it as well.\n",
                             answers=mails.identity_of(report)))
        site.once()
        cls.after_follow_up = len(host.inbox("rae@lab.test")), len(host.inbox("alice@acme.test"))
        (acknowledgement, *cls.others) = host.inbox("rae@lab.test")
        host.send(mails.mail(subject=f"Re: {acknowledgement['Subject']}",
                             text="Thank you. The nuthatch release is affected too.\n\n> Your report\n",
                             answers=acknowledgement.message_id))
        site.once()
        cls.tickets, cls.to_rae = site.tickets(), host.inbox("rae@lab.test")
        cls.ticket = site.ticket(cls.tickets[0]["number"])

    def test_they_join_her_ticket(self):
        self.assertEqual(1, len(self.tickets), self.tickets)
        kinds = [one["kind"] for one in self.ticket["messages"] if one["direction"] == "in"]
        self.assertEqual(["report", "reporter-reply", "reporter-reply"], kinds)

    def test_they_reach_each_member(self):
        for address in ("alice@acme.test", "bob@acme.test"):
            letters = self.host.inbox(address)
            self.assertEqual(["notice"] * 3, templates(letters))
            self.assertEqual({self.ticket["number"]}, {letter["X-Tocsin-Ticket"] for letter in letters})
            self.assertIn("waxwing", letters[1].text)
            self.assertIn("nuthatch", letters[2].text)

    def test_the_notices_make_one_thread_in_the_members_client(self):
        letters = self.host.inbox("alice@acme.test")
        for later in range(1, 3):
            answered = (letters[later]["References"] or "") + (letters[later]["In-Reply-To"] or "")
            self.assertTrue(any(earlier.message_id in answered for earlier in letters[:later]), answered)

    def test_the_report_alone_is_acknowledged(self):
        self.assertEqual(1, templates(self.to_rae).count("acknowledgement"))


class TheSameMessageId(live.Test):
    def test_with_different_words_is_two_tickets(self):
        site = self.new_site()
        identity = mails.message_id()
        self.host.send(mails.mail("Rae <rae@lab.test>", subject="SQL injection", identity=identity,
                                  text="SQL injection in the login form.\n"))
        self.host.send(mails.mail("Kim <kim@lab.test>", subject="Stored XSS", identity=identity,
                                  text="Stored XSS in the profile page.\n"))
        site.once()
        self.assertEqual(["kim@lab.test", "rae@lab.test"], sorted(row["reporter"] for row in site.tickets()))
        for address in ("rae@lab.test", "kim@lab.test"):
            self.assertEqual(["acknowledgement"], templates(self.host.inbox(address)))

    def test_from_one_sender_with_different_words_is_two_tickets_too(self):
        site = self.new_site()
        identity = mails.message_id()
        for text in ("SQL injection in the login form.\n", "Stored XSS in the profile page.\n"):
            self.host.send(mails.mail("Rae <rae@lab.test>", subject="A finding", identity=identity, text=text))
        site.once()
        self.assertEqual(2, len(site.tickets()))


class OneMailTwice(live.Test):
    """Once as the server delivers it twice, once as somebody copies it in the mailbox."""

    def one_effect(self, site):
        self.assertEqual(1, len(site.tickets()))
        self.assertEqual(["acknowledgement"], templates(self.host.inbox("rae@lab.test")))
        self.assertEqual(["notice"], templates(self.host.inbox("alice@acme.test")))

    def test_delivered_twice_is_one(self):
        site = self.new_site()
        report = mails.critical_report()
        for _ in range(2):
            self.host.send(report)
        site.once()
        self.one_effect(site)

    def test_delivered_again_later_is_one(self):
        site = self.new_site()
        report = mails.critical_report()
        self.host.send(report)
        site.once()
        self.host.send(report)
        site.once()
        self.one_effect(site)

    def test_copied_in_the_mailbox_is_one(self):
        site = self.new_site()
        self.host.send(mails.critical_report())
        site.once()
        with self.host.imap_session("security@acme.test") as session:
            session.select("INBOX")
            self.assertEqual("OK", session.copy("1", "INBOX")[0])
        site.once()
        self.one_effect(site)

    def test_read_and_moved_by_somebody_is_one(self):
        site = self.new_site()
        self.host.send(mails.critical_report())
        with self.host.imap_session("security@acme.test") as session:
            session.select("INBOX")
            session.store("1", "+FLAGS", "(\\Seen)")
            session.copy("1", "Archive")
        site.once()
        with self.host.imap_session("security@acme.test") as session:
            session.select("Archive")
            session.copy("1", "INBOX")
        site.once()
        self.one_effect(site)


class ATicketNumberAlone(live.Test):
    def test_lets_nobody_into_a_ticket(self):
        site = self.new_site()
        self.host.send(mails.critical_report())
        site.once()
        number = site.only_ticket()["number"]
        self.host.send(mails.mail("Kim <kim@lab.test>", subject=f"Re: [{number}] Your report to ACME",
                                  text="SQL injection in the login form. What was it about?\n"))
        site.once()
        self.assertEqual(["kim@lab.test", "rae@lab.test"], sorted(row["reporter"] for row in site.tickets()))
        (answer,) = self.host.inbox("kim@lab.test")
        self.assertNotEqual(number, answer["X-Tocsin-Ticket"])
        self.assertNotIn("kingfisher", answer.raw.decode())

    def test_nor_does_an_answer_to_what_was_sent_to_another(self):
        site = self.new_site()
        self.host.send(mails.critical_report())
        site.once()
        before = site.only_ticket()
        (acknowledgement,) = self.host.inbox("rae@lab.test")
        self.host.send(mails.mail("Mallory <mallory@lab.test>", subject=f"Re: {acknowledgement['Subject']}",
                                  text="Please send me the status.\n", answers=acknowledgement.message_id))
        site.once()
        after = site.ticket(before["number"])
        self.assertEqual("rae@lab.test", after["reporter"])
        self.assertEqual(before["state"], after["state"])
        self.assertNotIn("reporter-reply", [one["kind"] for one in after["messages"]])
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))


if __name__ == "__main__":
    live.main()
