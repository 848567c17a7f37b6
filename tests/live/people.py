#!/usr/bin/env python3
"""Does everybody who writes get one answer and no more, whatever else answers, sends back, bounces or floods?"""
import datetime
import mailbox
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails


def later(**much):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**much)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def automatic(inbox):
    return [one for one in inbox if one["Auto-Submitted"] not in (None, "no")]


class Programs(live.Test):
    def test_two_tocsins_that_write_to_each_other_stop(self):
        ours = self.new_site()
        theirs = live.new_site_beside(domain="beta.test")
        self.host.send(mails.mail("Security <security@beta.test>", subject="Stored XSS in your portal",
                                  text="Stored XSS. Steps to reproduce: open it.\n"), sender="security@beta.test")
        for _ in range(4):
            ours.once()
            theirs.once()
        self.assertEqual(1, len(self.host.inbox("security@beta.test")), "one acknowledgement of ours")
        self.assertEqual(1, len(self.host.inbox("security@acme.test")), "and nothing came back")
        self.assertEqual([], [one for one in theirs.tickets() if one["state"] != "new"], "nobody there was answered")

    def test_a_vacation_responder_is_answered_once(self):
        for name, marks in (("correct", [("Auto-Submitted", "auto-replied (vacation)"), ("Precedence", "bulk")]),
                            ("without any mark", [])):
            with self.subTest(name):
                site = self.new_site()
                self.host.send(mails.critical_report())
                seen = 0
                for _ in range(4):
                    site.once()
                    for one in self.host.inbox("rae@lab.test")[seen:]:
                        self.host.send(mails.mail(
                            subject=f"Automatic reply: {one['Subject']}", answers=one.message_id, headers=marks,
                            text="Thank you for your mail. I am out of the office until Monday.\n"))
                        seen += 1
                self.assertEqual(1, seen)
                ticket = site.only_ticket()
                self.assertIn("auto-reply", [message["kind"] for message in ticket["messages"]])

    def test_a_list_that_feeds_our_mail_back_is_answered_once(self):
        site = self.new_site()
        self.host.send(mails.mail("A list <list@lab.test>", subject="Stored XSS in your portal",
                                  text="Stored XSS. Steps to reproduce: open it.\n"), sender="list@lab.test")
        seen = 0
        for _ in range(4):
            site.once()
            for one in self.host.inbox("list@lab.test")[seen:]:
                seen += 1
                self.host.send(one.sent_bytes, sender="list-bounces@lab.test")  # as it is
                resent = mails.mail("ACME Security via list <list@lab.test>", subject=f"[list] {one['Subject']}",
                                    text=one.text, headers=[("List-Id", "<list.lab.test>"), ("Precedence", "list")])
                self.host.send(resent, sender="list-bounces@lab.test")
        self.assertEqual(1, seen)
        # What the list made of it may be a report for a human, never one that is answered.
        self.assertEqual(["acknowledged"], [one["state"] for one in site.tickets() if one["state"] != "new"])
        alarms = [one for one in self.host.inbox("alice@acme.test") if one["X-Tocsin-Mail"] == "alarm"]
        self.assertEqual(1, len(alarms), "the team hears of a loop once")

    def test_a_forged_mark_neither_hides_a_report_nor_makes_a_loop(self):
        site = self.new_site()
        self.host.send(mails.mail("Eve <eve@evil.test>", subject="Stored XSS one", text="Stored XSS.\n",
                                  headers=[("X-Tocsin-Mail", "acknowledgement"), ("X-Tocsin-Ticket", "SEC-2026-0001")]))
        self.host.send(mails.mail("Max <max@evil.test>", subject="Stored XSS two", text="Stored XSS.\n",
                                  headers=[("X-Loop", "security@acme.test")]))
        for _ in range(3):
            site.once()
        self.assertEqual(2, len(site.tickets()))
        self.assertEqual(1, len(self.host.inbox("eve@evil.test")))
        self.assertEqual([], self.host.inbox("max@evil.test"))


class ABounce(live.Test):
    def test_of_an_acknowledgement_opens_the_promise_again(self):
        site = self.new_site()
        self.host.send(mails.critical_report())
        site.once()
        (answer,) = self.host.inbox("rae@lab.test")
        number = site.only_ticket()["number"]
        self.assertEqual("acknowledged", site.ticket(number)["state"])
        report = (f"From: Mail Delivery System <MAILER-DAEMON@lab.test>\r\nTo: security@acme.test\r\n"
                  f"Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <{mails.message_id()}>\r\n"
                  "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
                  "--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n--b\r\nContent-Type: message/delivery-status"
                  "\r\n\r\nReporting-MTA: dns; lab.test\r\n\r\nFinal-Recipient: rfc822; rae@lab.test\r\nAction: failed"
                  "\r\nStatus: 5.1.1\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n").encode() + \
            answer.sent_bytes + b"\r\n--b--\r\n"
        for _ in range(2):
            self.host.send(report, sender="")
            site.once()
        ticket = site.ticket(number)
        self.assertEqual("new", ticket["state"])
        (clock,) = [one for one in ticket["clocks"] if one["name"] == "acknowledge" and one["state"] == "running"]
        self.assertTrue(clock["due"])
        for member in ("alice@acme.test", "bob@acme.test"):
            told = [one for one in self.host.inbox(member) if one["X-Tocsin-Mail"] == "bounced"]
            self.assertEqual(1, len(told))
            self.assertIn("rae@lab.test", told[0].text)
        self.assertEqual(1, len(site.tickets()))
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))


class AFlood(live.Test):
    """A sample of the thousand: 120 reports from twelve addresses of one domain."""

    def test_is_kept_and_answered_within_the_budgets(self):
        site = self.new_site(limits="")
        for number in range(120):
            self.host.put(mails.numbered_report(number, f"Rae <rae{number % 12}@lab.test>").as_bytes())
        self.host.put(mails.numbered_report(number + 1, "Kim <kim@evil.test>").as_bytes())
        site.once(seconds=120)
        self.assertEqual(121, len(site.tickets()))
        self.assertEqual(1, len(self.host.inbox("kim@evil.test")), "one domain's flood keeps no answer from another")
        senders = [f"rae{number}@lab.test" for number in range(12)]
        answers = lambda: [one for sender in senders for one in self.host.inbox(sender)]
        self.assertEqual(30, len(answers()), "thirty an hour for a domain")
        for member in ("alice@acme.test", "bob@acme.test"):
            self.assertEqual(121, len(self.host.inbox(member)), "the team's own mail waits for nothing")
        site.once("--now", later(minutes=62), seconds=120)
        self.assertLessEqual(len(answers()), 60)
        site.once("--now", later(hours=5), seconds=120)
        kinds = [one["X-Tocsin-Mail"] for one in answers()]
        self.assertEqual(60, kinds.count("acknowledgement"), "five a day for each sender")
        self.assertEqual(12, kinds.count("acknowledgement-several"), "and the rest of hers in one mail")
        self.assertEqual({"acknowledged"}, {ticket["state"] for ticket in site.tickets()})
        (together,) = [one for one in self.host.inbox("rae3@lab.test") if one["X-Tocsin-Mail"] == "acknowledgement-several"]
        self.assertEqual(5, together.text.count("SEC-2026-"))


class Moved(live.Test):
    def test_junk_that_a_human_moves_into_the_inbox_is_acknowledged_then(self):
        site = self.new_site(mailbox='also = ["Junk"]\n')
        self.host.put(mails.mail(subject="Question about your shop", text="Hi, whom do I tell about a problem?\n"),
                      folder="Junk")
        site.once()
        self.assertEqual([], self.host.inbox("rae@lab.test"))
        session = self.host.imap_session("security@acme.test")
        session.select("Junk")
        session.uid("MOVE", "1:*", "INBOX")
        session.logout()
        site.once()
        (ticket,) = site.tickets()
        (answer,) = self.host.inbox("rae@lab.test")
        self.assertIn(ticket["number"], answer["Subject"])

    def test_a_program_that_sends_our_mail_back_without_a_mark_is_not_answered_again(self):
        site = self.new_site()
        self.host.send(mails.critical_report())
        site.once()
        (ours,) = self.host.inbox("rae@lab.test")
        self.host.send(mails.mail(subject=f"Re: {ours['Subject']}", text="We have it.\n"))
        site.once()
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))
        self.assertEqual(2, len(site.tickets()), "a human sees it")


class OldMail(live.Test):
    def test_of_a_file_that_came_over_imap_too_is_known(self):
        site = self.new_site()
        made = mails.critical_report()
        self.host.send(made)
        site.once()
        session = self.host.imap_session("security@acme.test")
        session.select("INBOX")
        whole = session.fetch("1", "(BODY.PEEK[])")[1][0][1]
        session.logout()
        file = site.folder / "old" / "1.eml"
        file.parent.mkdir()
        file.write_bytes(whole.replace(b"\r\n", b"\n"))
        self.assertEqual(1, site.json("import", file.parent)["known"])
        self.assertEqual(1, len(site.tickets()))

    def test_is_imported_with_its_dates_and_answers_nobody(self):
        site = self.new_site()
        path = site.folder / "old.mbox"
        box = mailbox.mbox(path)
        first = mails.mail(subject="Old stored XSS", text="Stored XSS in the old portal.\n", identity="first@lab.test")
        answer = mails.mail("ACME Security <security@acme.test>", to="rae@lab.test", subject="Re: Old stored XSS",
                            text="We have fixed it.\n", answers="first@lab.test", identity="ours@acme.test")
        thanks = mails.mail(subject="Re: Old stored XSS", text="From me: thank you.\n", answers="ours@acme.test",
                            references=["first@lab.test", "ours@acme.test"])
        other = mails.mail("Max <max@lab.test>", subject="Old CSRF", text="CSRF, see below.\n")
        for day, made in ((7, answer), (6, first), (8, thanks), (9, other)):
            del made["Date"]
            made["Date"] = f"Mon, 0{day} Mar 2023 10:00:00 +0100"
            made["Received"] = f"from x by mx.acme.test; Mon, 0{day} Mar 2023 10:00:05 +0100"
            message = mailbox.mboxMessage(made)
            message.set_from("rae@lab.test Mon Mar  6 10:00:00 2023")
            box.add(message)
        box.flush()
        counts = site.json("import", path)
        self.assertEqual((4, 4, 2, 2, 0), tuple(counts[name] for name in ("found", "journaled", "opened", "threaded", "known")))
        tickets = site.tickets()
        self.assertEqual({("Old stored XSS", "2023-03-06T09:00:05Z", "closed"), ("Old CSRF", "2023-03-09T09:00:05Z", "closed")},
                         {(ticket["title"], ticket["opened"], ticket["state"]) for ticket in tickets})
        self.assertEqual([None, None], [ticket["due"] for ticket in tickets])
        self.assertEqual(4, site.json("import", path)["known"])
        self.assertEqual(2, len(site.tickets()))
        site.once()
        self.assertEqual([], [one for one in self.host.addresses() if one != "security@acme.test"])
        # Its reporter is known from then on.
        self.host.send(mails.mail(subject="Re: Old stored XSS", text="It is back.\n", answers="ours@acme.test"))
        site.once()
        self.assertEqual(2, len(site.tickets()))

    def test_of_what_was_there_before_the_daemon_began(self):
        self.host.empty()
        site = self.new_site(start="now")
        self.host.put(mails.numbered_report(1), received=time.time() - 30 * 86400)
        site.once()
        self.assertEqual([], site.tickets())
        for opened in (1, 0):
            self.assertEqual(opened, site.json("import", "--mailbox", "security")["opened"])
            self.assertEqual("closed", site.only_ticket()["state"])
        self.assertEqual([], self.host.inbox("reporter1@lab.test"))

    def test_of_a_maildir_and_since_a_date(self):
        site = self.new_site()
        box = mailbox.Maildir(site.folder / "old")
        for number, year in enumerate((2021, 2022, 2023)):
            made = mails.numbered_report(number)
            del made["Date"]
            made["Date"] = f"Wed, 01 Mar {year} 10:00:00 +0000"
            made["Received"] = f"from x by mx.acme.test; Wed, 01 Mar {year} 10:00:05 +0000"
            box.add(made)
        self.assertEqual(2, site.json("import", site.folder / "old", "--since", "2022-01-01")["opened"])
        self.assertEqual(65, site.ctl("import", site.folder / "nothing").returncode)


if __name__ == "__main__":
    live.main()
