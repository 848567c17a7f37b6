#!/usr/bin/env python3
"""Does a report that arrives by mail become one ticket, one acknowledgement and one notice to each member?"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
import moments

NUMBER = re.compile(r"SEC-\d{4}-\d{4,}")


class WhenAReportArrives(live.Story):
    @classmethod
    def tell(cls, host, site):
        cls.report = mails.critical_report()
        cls.report_id = mails.identity_of(cls.report)
        host.send(cls.report)
        site.once()
        cls.ticket = site.only_ticket()
        cls.to_rae = host.inbox("rae@lab.test")
        cls.to_alice, cls.to_bob = host.inbox("alice@acme.test"), host.inbox("bob@acme.test")

    def acknowledgement(self):
        self.assertEqual(1, len(self.to_rae), "the reporter gets one mail")
        return self.to_rae[0]

    def test_it_becomes_a_ticket_of_the_reporter(self):
        self.assertRegex(self.ticket["number"], NUMBER)
        self.assertTrue(self.ticket["number"].endswith("-0001"))
        self.assertEqual("rae@lab.test", self.ticket["reporter"])
        self.assertEqual("Remote code execution in the upload form", self.ticket["title"])
        self.assertEqual("acknowledged", self.ticket["state"])

    def test_the_shipped_rules_see_how_bad_it_is(self):
        self.assertIn(self.ticket["severity"], ("critical", "high"))
        hits = {hit["rule"] for hit in self.ticket["examination"]["hits"]}
        self.assertIn("remote-code-execution", hits)

    def test_its_attachment_is_known(self):
        attachments = self.ticket["examination"]["message"]["attachments"]
        self.assertEqual([("kingfisher-proof.py", "text/x-python")], [(one["name"], one["type"]) for one in attachments])

    def test_the_acknowledgement_answers_the_report(self):
        mail = self.acknowledgement()
        self.assertEqual(f"<{self.report_id}>", mail["In-Reply-To"].strip())
        self.assertIn(f"<{self.report_id}>", mail["References"])
        self.assertEqual("auto-replied", mail["Auto-Submitted"])
        self.assertEqual("acknowledgement", mail["X-Tocsin-Mail"])
        self.assertEqual(self.ticket["number"], mail["X-Tocsin-Ticket"])
        self.assertTrue(mail.message_id.endswith("@acme.test"), mail.message_id)
        self.assertIn("security@acme.test", mail["From"])
        self.assertIn("rae@lab.test", mail["To"])
        self.assertEqual([], mail.message.defects)

    def test_the_number_stands_once_in_its_subject(self):
        subject = self.acknowledgement()["Subject"]
        self.assertEqual([self.ticket["number"]], NUMBER.findall(subject))
        self.assertEqual(1, subject.count(f"[{self.ticket['number']}]"))

    def test_the_acknowledgement_says_nothing_of_the_report(self):
        everything = (self.acknowledgement().raw.decode("utf-8", "replace") + self.acknowledgement().text).lower()
        for word in ("kingfisher", "thumbnail", "portal", "owned", "upload", "remote code", "execution", "4.2.1", "shell",
                     "/close"):
            self.assertNotIn(word, everything)

    def test_what_it_promises_is_what_the_database_holds(self):
        received = moments.instant(self.ticket["clocks"][0]["started"])
        promised = [one for one in moments.named(self.acknowledgement().text) if one > received]
        self.assertTrue(promised, f"no date with a time zone in:\n{self.acknowledgement().text}")
        due = [moments.instant(clock["due"]) for clock in self.ticket["clocks"]]
        for moment in promised:
            self.assertTrue(any(abs((moment - one).total_seconds()) < 60 for one in due), f"{moment} is none of {due}")

    def test_it_names_the_policy(self):
        self.assertIn("https://acme.test/security", self.acknowledgement().text)

    def test_each_member_gets_one_notice_alone(self):
        for address, other, mails_got in (("alice@acme.test", "bob@acme.test", self.to_alice),
                                          ("bob@acme.test", "alice@acme.test", self.to_bob)):
            with self.subTest(address):
                self.assertEqual(["notice"], [mail["X-Tocsin-Mail"] for mail in mails_got])
                notice = mails_got[0]
                self.assertEqual("auto-generated", notice["Auto-Submitted"])
                self.assertIn(address, notice["To"])
                self.assertIsNone(notice["Cc"])
                self.assertNotIn(other, notice.sent_bytes.decode("utf-8", "replace"))
                self.assertIn("Rae Lindqvist (outside) via ACME Security", notice["From"])
                self.assertEqual(1, notice["Subject"].count(f"[{self.ticket['number']}]"))
        self.assertNotEqual(self.to_alice[0].message_id, self.to_bob[0].message_id)

    def test_the_notice_brings_the_report(self):
        text = self.to_alice[0].text
        self.assertIn("runs the thumbnail helper through a shell", text)
        self.assertIn("kingfisher;id>/tmp/owned;.png", text)

    def test_no_line_of_the_report_can_be_read_as_a_command(self):
        self.assertIn("/close spam", self.to_alice[0].text)
        for line in self.to_alice[0].text.splitlines():
            self.assertFalse(line.strip().lower().startswith("/close spam"), line)

    def test_the_clock_is_met_once_the_server_has_accepted_the_acknowledgement(self):
        clock = {one["name"]: one for one in self.ticket["clocks"]}["acknowledge"]
        self.assertEqual("met", clock["state"])
        accepted = [moments.instant(event["at"]) for event in self.ticket["history"] if event["event"] == "acknowledged"]
        self.assertEqual(1, len(accepted))
        self.assertEqual(accepted[0], moments.instant(clock["stopped"]))
        self.assertLess(moments.instant(clock["started"]), accepted[0])
        self.assertLess(accepted[0], moments.instant(clock["due"]))

    def test_the_mail_on_the_server_is_as_it_was(self):
        (report,) = self.host.inbox("security@acme.test")
        flags = report.path.name.partition(":2,")[2]
        self.assertEqual("", flags, "nobody marked it")

    def test_nobody_else_got_mail(self):
        self.assertEqual(["alice@acme.test", "bob@acme.test", "rae@lab.test", "security@acme.test"],
                         self.host.addresses())

    def test_the_history_is_a_chain(self):
        hashes = [event["hash"] for event in self.ticket["history"]]
        self.assertEqual(len(hashes), len(set(hashes)))
        self.assertEqual(sorted(event["seq"] for event in self.ticket["history"]),
                         [event["seq"] for event in self.ticket["history"]])

    def test_running_again_changes_nothing(self):
        for _ in range(2):
            self.site.once()
        self.assertEqual(self.ticket, self.site.only_ticket())
        for address, letters in (("rae@lab.test", self.to_rae), ("alice@acme.test", self.to_alice),
                                 ("bob@acme.test", self.to_bob)):
            self.assertEqual([one.raw for one in letters], [one.raw for one in self.host.inbox(address)])


class InShadow(live.Story):
    @classmethod
    def tell(cls, host, site):
        site.configure(mode="shadow")
        host.send(mails.critical_report())
        site.once()

    def test_the_ticket_is_there(self):
        ticket = self.site.only_ticket()
        self.assertIn(ticket["severity"], ("critical", "high"))
        self.assertEqual("new", ticket["state"])

    def test_not_one_mail_goes_out(self):
        self.site.once()
        self.assertEqual(["security@acme.test"], self.host.addresses())

    def test_nothing_waits_to_go_out(self):
        self.assertEqual(0, self.site.json("status")["outbox"]["queued"])

    def test_what_was_held_back_stays_back_when_it_goes_live(self):
        self.site.configure(mode="live")
        self.site.once()
        self.assertEqual([], self.host.inbox("rae@lab.test"))
        self.site.configure(mode="shadow")


class ForTheTeamAlone(live.Story):
    @classmethod
    def tell(cls, host, site):
        site.configure(mode="team")
        host.send(mails.critical_report())
        site.once()

    def test_the_members_hear_of_it(self):
        for address in ("alice@acme.test", "bob@acme.test"):
            self.assertEqual(["notice"], [mail["X-Tocsin-Mail"] for mail in self.host.inbox(address)])

    def test_the_reporter_does_not(self):
        self.assertEqual([], self.host.inbox("rae@lab.test"))
        self.assertEqual("new", self.site.only_ticket()["state"])


class WhileTheDaemonRuns(live.Test):
    def test_a_report_is_answered_as_it_comes(self):
        site = self.new_site()
        with site.daemon():
            self.host.send(mails.critical_report())
            live.wait_until(lambda: self.host.inbox("rae@lab.test"), "the reporter was answered", 20)
            live.wait_until(lambda: self.host.inbox("bob@acme.test"), "the team was told", 20)
            live.wait_until(lambda: site.only_ticket()["state"] == "acknowledged", "the ticket was acknowledged", 10)

    def test_mail_from_before_the_start_is_no_report(self):
        site = self.new_site(start="now")
        self.host.send(mails.critical_report())
        live.a_second_passes()  # IMAP knows when a mail came to the second
        with site.daemon():
            live.wait_until(lambda: site.json("status")["mailboxes"][0]["last_contact"], "the mailbox was read")
            self.host.send(mails.mail("Kim <kim@lab.test>", subject="SQL injection", text="SQL injection in /login.\n"))
            live.wait_until(lambda: self.host.inbox("kim@lab.test"), "the new report was answered")
        self.assertEqual("kim@lab.test", site.only_ticket()["reporter"])
        self.assertEqual([], self.host.inbox("rae@lab.test"))

    def test_a_german_report_is_answered_in_german(self):
        site = self.new_site()
        self.host.send(mails.mail("Ida <ida@lab.test>", subject="Schwachstelle im Anmeldeformular", text=(
            "Guten Tag,\n\nim Anmeldeformular lässt sich über das Feld Benutzername beliebiges SQL einschleusen. "
            "Damit kann jeder die Kundendaten auslesen, ohne angemeldet zu sein. Zum Nachstellen genügt ein "
            "einfaches Anführungszeichen im Namen.\n\nMit freundlichen Grüßen\nIda\n")))
        site.once()
        (mail,) = self.host.inbox("ida@lab.test")
        self.assertRegex(mail.text, r"(?i)\b(Ihre|Meldung|vielen Dank|danke)\b")


if __name__ == "__main__":
    live.main()
