#!/usr/bin/env python3
"""Does mail that no human wrote stay without an answer, while a human's is answered?"""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails

OUT_OF_OFFICE = "I am out of the office until Monday. In urgent cases call reception.\n"

# What came from where, and why it must not be answered.
SILENT = {
    "auto-replied": dict(sender="Ann <auto1@lab.test>", subject="Automatic reply: hello", text=OUT_OF_OFFICE,
                         headers=[("Auto-Submitted", "auto-replied")]),
    "auto-generated": dict(sender="Cron <auto2@lab.test>", subject="Nightly scan", text="RCE found: 0\n",
                           headers=[("Auto-Submitted", "auto-generated; owner-email=\"x@lab.test\"")]),
    "a list": dict(sender="Newsletter <list1@lab.test>", subject="This month in exploits", text="Remote code execution!\n",
                   headers=[("List-Id", "News <news.lab.test>"), ("List-Unsubscribe", "<mailto:off@lab.test>")]),
    "bulk": dict(sender="Offers <list2@lab.test>", subject="Special offer", text="Buy a scanner.\n",
                 headers=[("Precedence", "bulk")]),
    "an answering machine of Exchange": dict(sender="Max <auto3@lab.test>", subject="Automatic reply: hello",
                                             text=OUT_OF_OFFICE, headers=[("X-Auto-Response-Suppress", "All"),
                                                                          ("Auto-Submitted", "auto-generated")]),
}


class AutomaticMail(live.Story):
    @classmethod
    def tell(cls, host, site):
        for mail in SILENT.values():
            host.send(mails.mail(**mail))
        # The null reverse-path says it, whatever the header claims (RFC 5321, 4.5.5; RFC 3834, 2).
        host.send(mails.mail("Postmaster <nobody1@lab.test>", subject="Returned mail", text="It could not be sent.\n"),
                  sender="")
        # In our own name: an answer would come back to us, and be answered …
        host.send(mails.mail("ACME Security <security@acme.test>", subject="Remote code execution", text="RCE.\n"),
                  sender="security@acme.test")
        host.send(mails.mail("Rae <rae@lab.test>", subject="Stored XSS in the profile", text="Stored XSS, see below.\n",
                             headers=[("Auto-Submitted", "no")]))
        for _ in range(3):
            site.once()

    def test_is_not_answered(self):
        for why, mail in SILENT.items():
            with self.subTest(why):
                address = mail["sender"].partition("<")[2].rstrip(">")
                self.assertEqual([], self.host.inbox(address))
        self.assertEqual([], self.host.inbox("nobody1@lab.test"))

    def test_in_our_own_name_makes_no_loop(self):
        self.assertEqual(len(SILENT) + 3, len(self.host.inbox("security@acme.test")))

    def test_beside_a_humans_which_is(self):
        self.assertEqual(["acknowledgement"], [one["X-Tocsin-Mail"] for one in self.host.inbox("rae@lab.test")])

    def test_goes_to_nobody_outside(self):
        self.assertEqual(["alice@acme.test", "bob@acme.test", "rae@lab.test", "security@acme.test"],
                         self.host.addresses())

    def test_is_counted_and_listed_where_it_has_no_ticket(self):
        listed = self.site.json("list", "--automatic")["automatic"]
        # A single sign in a mail that answers nothing keeps the answer back, and not the mail.
        self.assertEqual(["auto-reply", "auto-reply"], sorted(one["kind"] for one in listed))
        self.assertEqual({"auto1@lab.test", "auto3@lab.test"}, {one["from"] for one in listed})
        self.assertEqual(2, self.site.json("status")["journal"]["automatic"])
        self.assertIn("2 mails of the last 7 days taken for automatic", self.site.ctl("status").stdout)
        self.assertIn("Automatic reply: hello", self.site.ctl("list", "--automatic").stdout)

    def test_leaves_nothing_waiting(self):
        self.assertEqual(0, self.site.json("status")["journal"]["pending"])
        self.assertEqual(0, self.site.json("status")["journal"]["quarantined"])


class OurOwnMail(live.Test):
    def test_that_comes_back_is_not_answered(self):
        site = self.new_site()
        self.host.send(mails.critical_report())
        site.once()
        (acknowledgement,) = self.host.inbox("rae@lab.test")
        self.host.send(acknowledgement.sent_bytes, sender="rae@lab.test")  # a forwarding loop
        site.once()
        site.once()
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))
        self.assertEqual(1, len(site.tickets()))
        self.assertEqual(2, len(self.host.inbox("security@acme.test")))

    def test_its_bounce_is_not_answered(self):
        site = self.new_site()
        self.host.send(mails.critical_report())
        site.once()
        (acknowledgement,) = self.host.inbox("rae@lab.test")
        self.host.send(mails.mail("Mail Delivery System <mailer-daemon@lab.test>", subject="Undelivered mail",
                                  text="The mailbox is full.\n", answers=acknowledgement.message_id,
                                  headers=[("Auto-Submitted", "auto-replied")]), sender="")
        site.once()
        self.assertEqual([], self.host.inbox("mailer-daemon@lab.test"))
        self.assertEqual(1, len(site.tickets()))


if __name__ == "__main__":
    live.main()
