#!/usr/bin/env python3
"""Does the team work from its mail client, and does nobody else?"""
import datetime
import pathlib
import re
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails

ALICE, BOB, RAE = "alice@acme.test", "bob@acme.test", "rae@lab.test"


def of(letters, template):
    return [letter for letter in letters if letter["X-Tocsin-Mail"] == template]


def answer(letter, sender, text, **more):
    """A reply as a mail client makes it: the quotation below."""
    quoted = "".join(f"> {line}\n" for line in letter.text.splitlines())
    return mails.mail(sender, subject=f"Re: {letter['Subject']}",
                      text=f"{text}\n\nOn Sun, 22 Nov 2026, ACME wrote:\n{quoted}", answers=letter.message_id, **more)


class Opened(live.Test):
    """A site with one report in it; `notice(who)` is the newest notice that somebody got."""
    configuration = {}

    def setUp(self):
        self.site = self.new_site(**self.configuration)
        self.host.send(mails.critical_report())
        self.site.once()
        self.number = self.site.only_ticket()["number"]

    def notice(self, who):
        return of(self.host.inbox(who), "notice")[-1]

    def newest(self, who, template):
        found = of(self.host.inbox(who), template)
        self.assertTrue(found, f"{who} has no {template}: {[one['X-Tocsin-Mail'] for one in self.host.inbox(who)]}")
        return found[-1]

    def ticket(self):
        return self.site.ticket(self.number)

    def events(self):
        return [line["event"] for line in self.ticket()["history"]]

    def send(self, *letters):
        for letter in letters:
            self.host.send(letter)
        self.site.once()

    def to_rae(self):
        return [one["X-Tocsin-Mail"] for one in self.host.inbox(RAE)]

    def nothing_was_done(self, before):
        after = self.ticket()
        for key in ("state", "severity", "owner", "reporter"):
            self.assertEqual(before[key], after[key], key)
        self.assertNotIn("commanded", self.events())
        self.assertEqual(["acknowledgement"], self.to_rae())


class AnAnswerToANotice(Opened):
    def test_reaches_the_reporter_in_her_thread(self):
        reply = answer(self.notice(ALICE), "Alice Example <alice@acme.test>",
                       "Hello Rae,\n\nwe can reproduce it. Which version do you use?\n\nAlice",
                       attachments=[("/home/alice/ask.txt", "text/plain", b"which file?\n"),
                                    ("winmail.dat", "application/ms-tnef", winmail(b"seen.log", b"log of tern\n"))],
                       headers=[("X-Mailer", "Clientware 7 on alice-laptop"), ("User-Agent", "Clientware")])
        self.send(reply)
        relay = self.newest(RAE, "relay")
        self.assertIn("security@acme.test", relay["From"])
        self.assertIn("we can reproduce it. Which version do you use?", relay.text)
        self.assertIsNone(relay["Auto-Submitted"])
        whole = relay.raw.decode()
        for word in ("alice", "Alice", "Clientware", "laptop", "ACME wrote", "/home"):
            self.assertNotIn(word, whole)
        self.assertIn(self.number, relay["Subject"])
        self.assertIn("Remote code execution", relay["Subject"])
        self.assertIn(self.number, relay["X-Tocsin-Ticket"])
        threaded = (relay["References"] or "") + (relay["In-Reply-To"] or "")
        self.assertIn("@lab.test", threaded)
        files = {part.get_filename(): part.get_payload(decode=True) for part in relay.message.walk() if part.get_filename()}
        self.assertEqual({"ask.txt": b"which file?\n", "seen.log": b"log of tern\n"}, files)
        # Colleagues see it, she does not get it back.
        copy = self.notice(BOB)
        self.assertIn("> we can reproduce it.", copy.text)
        self.assertEqual(1, len(of(self.host.inbox(ALICE), "notice")))
        self.assertIn("reporter-updated", self.events())
        kinds = [one["kind"] for one in self.ticket()["messages"]]
        self.assertIn("team-reply", kinds)
        # And her answer comes back to both.
        self.send(mails.mail(subject=f"Re: {relay['Subject']}", text="It is 4.2.1.\n", answers=relay.message_id))
        self.assertIn("4.2.1", self.notice(ALICE).text)
        self.assertIn("4.2.1", self.notice(BOB).text)

    def test_with_commands_does_them_and_says_so(self):
        self.send(answer(self.notice(BOB), BOB, "/take\n /Triage HIGH\n/eta in 3 days 17:00\n"))
        ticket = self.ticket()
        self.assertEqual(("bob@acme.test", "high", "fixing"), (ticket["owner"], ticket["severity"], ticket["state"]))
        transcript = self.newest(BOB, "transcript")
        for words in ("/take", "/triage high", "/eta", self.number, "fixing", "CE"):
            self.assertIn(words, transcript.text)
        self.assertEqual(2, len(self.to_rae()), self.to_rae())  # one mail for all of it
        self.assertEqual([], of(self.host.inbox(ALICE), "transcript"))

    def test_words_and_a_change_of_state_are_one_mail(self):
        self.send(answer(self.notice(BOB), BOB, "/triage high\n\nThank you, this is serious indeed.\n"))
        self.assertEqual(["acknowledgement", "triaged"], self.to_rae())
        letter = self.newest(RAE, "triaged")
        self.assertIn("this is serious indeed", letter.text)
        self.assertNotIn("/triage", letter.text)

    def test_with_a_line_that_cannot_be_done_does_nothing(self):
        before = self.ticket()
        for text in ("/take\n/tke\n", "/take\n/eta someday\n\nWe fix it.\n", "We fix it.\n\n/take\n", "/close fixed of course\n",
                     "\u200b/close fixed\n\nWe fix it.", "\uff0fclose fixed\n\nWe fix it."):
            self.host.send(answer(self.notice(ALICE), ALICE, text))
        self.site.once()
        self.nothing_was_done(before)
        transcripts = of(self.host.inbox(ALICE), "transcript")
        self.assertEqual(6, len(transcripts))
        self.assertTrue(any("did you mean '/take'" in one.text for one in transcripts))
        for one in transcripts:
            self.assertIn("Not done", one["Subject"])

    def test_that_closes_needs_a_yes(self):
        self.send(answer(self.notice(ALICE), ALICE, "/close not-a-vulnerability\n"))
        self.assertNotEqual("closed", self.ticket()["state"])
        question = self.newest(ALICE, "question")
        self.assertIn("/close not-a-vulnerability", question.text)
        self.send(answer(question, ALICE, "Yes, please.\n"))
        self.assertEqual("closed", self.ticket()["state"])
        closed = self.newest(RAE, "closed")
        self.assertIn("not a", closed.text)
        self.newest(ALICE, "transcript")
        # A second yes closes nothing a second time.
        self.send(answer(question, ALICE, "yes\n\nreally"))
        self.assertEqual(1, self.to_rae().count("closed"))
        self.strangers_learn_nothing_of_numbers()

    def strangers_learn_nothing_of_numbers(self):
        """Of a closed ticket, of one that is there, and of one that nobody ever opened: the answers differ in nothing."""
        claimed = (self.number, self.number[:-1] + "2", self.number[:-4] + "7777")
        for at, number in enumerate(claimed):
            self.host.send(mails.mail(f"Eve <eve{at}@evil.test>", subject=f"Re: [{number}] Your report to ACME",
                                      text=f"How does {number} stand?\n\nEve\n"))
        self.site.once()
        told = []
        for at in range(len(claimed)):
            (one,) = self.host.inbox(f"eve{at}@evil.test")
            self.assertEqual("acknowledgement", one["X-Tocsin-Mail"])
            own = one["X-Tocsin-Ticket"]
            self.assertNotIn(own, (self.number, claimed[2]))
            told.append((one["Subject"] + one["From"] + re.sub(r"\d\d:\d\d", "", one.text)).replace(own, ""))
        self.assertEqual([told[0]] * 3, told)

    def test_that_is_a_note_stays_inside(self):
        self.send(answer(self.notice(ALICE), ALICE, "/note\nThe kingfisher again; ask legal first.\n"))
        self.assertEqual(["acknowledgement"], self.to_rae())
        self.assertIn("ask legal first", self.notice(BOB).text)
        self.send(answer(self.newest(ALICE, "transcript"), ALICE, "Good to know.\n"))
        self.assertEqual(["acknowledgement"], self.to_rae())

    def test_second_of_two_is_held_and_shown_the_first(self):
        notice = self.notice(BOB)
        self.send(answer(self.notice(ALICE), ALICE, "We found the cause in the upload helper.\n"))
        self.send(answer(notice, BOB, "What do you mean by helper?\n"))
        self.assertEqual(1, self.to_rae().count("relay"))
        question = self.newest(BOB, "question")
        self.assertIn("We found the cause in the upload helper", question.text)
        self.send(answer(question, BOB, "yes\n"))
        self.assertEqual(2, self.to_rae().count("relay"))

    def test_that_repeats_what_only_the_team_has_seen_is_refused(self):
        notice = self.notice(ALICE)
        lines = [line.strip() for line in notice.text.splitlines() if line.startswith("  ") and len(line) > 60]
        self.assertTrue(lines, notice.text)
        self.send(answer(notice, ALICE, f"Our program says of it:\n{lines[0]}\nIs that so?\n"))
        self.assertEqual(["acknowledgement"], self.to_rae())
        self.assertIn("only the team has seen", self.newest(ALICE, "transcript").text)
        # Her own words may go back to her.
        self.send(answer(notice, ALICE, "You wrote: runs the thumbnail helper through a shell, with the file name unquoted. How?\n"))
        self.assertEqual(["acknowledgement", "relay"], self.to_rae())

    def test_that_came_before_a_downtime_is_compared_all_the_same(self):
        notice = self.notice(ALICE)
        lines = [line.strip() for line in notice.text.splitlines() if line.startswith("  ") and len(line) > 60]
        self.host.send(answer(notice, ALICE, f"Our program says of it:\n{lines[0]}\nIs that so?\n"))
        moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=31)
        self.site.once("--now", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.assertNotIn("relay", self.to_rae())
        self.assertIn("only the team has seen", self.newest(ALICE, "transcript").text)

    def test_below_the_header_of_the_answered_mail_is_not_lost(self):
        """Outlook quotes without marks: what stands in the midst of it may be an answer."""
        notice = self.notice(ALICE)
        head = f"\n\nFrom: Rae (outside) via ACME Security\nSent: Friday\nTo: Alice\nSubject: {notice['Subject']}\n\n"
        quoted = notice.text.split("Steps to reproduce:")
        self.send(mails.mail(ALICE, subject=f"Re: {notice['Subject']}", answers=notice.message_id,
                             text=f"See below.{head}{quoted[0]}We cannot.\nSteps to reproduce:{quoted[1]}"))
        self.assertEqual(["acknowledgement"], self.to_rae())
        question = self.newest(ALICE, "question")
        self.assertIn("Words would be left out", " ".join(question.text.split()))
        self.send(mails.mail(ALICE, subject=f"Re: {notice['Subject']}", answers=notice.message_id,
                             text=f"Which version is it?{head}{notice.text}"))
        self.assertEqual(["acknowledgement", "relay"], self.to_rae())
        self.assertEqual("Which version is it?", self.newest(RAE, "relay").text.strip())

    def test_asks_for_help(self):
        self.send(answer(self.notice(ALICE), ALICE, "/help\n"))
        for verb in ("/take", "/close", "/undo", "/accept-key"):
            self.assertIn(verb, self.newest(ALICE, "transcript").text)

    def test_written_to_the_reporter_herself_is_recorded_and_not_sent_again(self):
        self.send(mails.mail(f"Alice <{ALICE}>", to=f"Rae <{RAE}>, security@acme.test", subject="Re: Remote code execution",
                             text="We are on it.\n", answers=self.notice(ALICE).message_id))
        self.assertEqual(["acknowledgement"], self.to_rae())
        self.assertIn("reporter-updated", self.events())
        self.assertIn("We are on it", self.notice(BOB).text)


class WhoIsNotTheTeam(Opened):
    """Attacks, each a mail: what it is taken for, and that nothing came of it."""

    def attacks(self):
        """(what it tries, the mail, its kind in the ticket's list; nothing: it stands in no ticket of Rae's)"""
        acknowledgement = self.host.inbox(RAE)[0]
        mine, bobs = self.notice(ALICE), self.notice(BOB)
        close = "/close fixed\n"
        alice = f"Alice <{ALICE}>"
        numbered = f"Re: [{self.number}]"
        passed = ("Authentication-Results", "acme.test; dmarc=pass header.from=acme.test; dkim=pass header.d=acme.test")
        yield "a member's name in the From", answer(acknowledgement, alice, close), "team-reply"
        yield "her address and the number", mails.mail(alice, subject=numbered, text=close), "team-reply"
        yield "another member's notice", answer(bobs, alice, close), "team-reply"
        yield ("an Authentication-Results of the sender's own", answer(acknowledgement, alice, close, headers=[passed]),
               "team-reply")
        yield ("a web form of the house that mails as a member",
               mails.mail(alice, subject=f"Contact form {self.number}", text=f"{close}\n{self.number}\n", headers=[passed]),
               "team-reply")
        yield ("another Reply-To", answer(acknowledgement, alice, close, headers=[("Reply-To", "mallory@lab.test")]),
               "team-reply")
        yield ("a member's autoresponder", answer(mine, alice, f"{close}\nI am away until 31.12.2099.",
                                                  headers=[("Auto-Submitted", "auto-replied")]), "auto-reply")
        yield "a stranger with a member's notice", answer(mine, "Mallory <mallory@lab.test>", close), "foreign"
        yield "a stranger with the reporter's mail", answer(acknowledgement, "Mallory <mallory@lab.test>", close), "foreign"
        yield "our own address", answer(acknowledgement, "ACME Security <security@acme.test>", close), "foreign"
        yield "a domain that looks like ours", answer(mine, "Alice <alice@xn--cme-7cd.test>", close), "foreign"
        yield "two authors", answer(mine, f"{alice}, mallory@lab.test", close), "foreign"
        yield ("her address as a display name",
               mails.mail(f'"{ALICE}" <mallory@lab.test>', subject=numbered, text=close), None)
        yield ("her signed words to somebody else, forwarded",
               mails.mail("Mallory <mallory@lab.test>", subject=f"Fwd: {numbered}",
                          text=f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n/close fixed\n{self.number}\n"
                               "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"), None)

    def test_commands_nothing(self):
        before = self.ticket()
        attacks = list(self.attacks())
        self.send(*(letter for _, letter, _ in attacks))
        self.nothing_was_done(before)
        kinds = {one["message_id"]: one["kind"] for one in self.ticket()["messages"]}
        for name, letter, kind in attacks:
            with self.subTest(name):
                self.assertEqual(kind, kinds.get(mails.identity_of(letter)))
        # The member hears of each that came in her name, and is asked three times at most.
        asked = [line for line in self.ticket()["history"] if line["event"] == "asked"]
        self.assertEqual(6, len(asked))
        self.assertEqual(3, len(of(self.host.inbox(ALICE), "question")))
        # A stranger hears nothing but that his own mail came.
        self.assertEqual({"acknowledgement"}, {one["X-Tocsin-Mail"] for one in self.host.inbox("mallory@lab.test")})
        for letter in self.host.inbox("mallory@lab.test"):
            self.assertNotIn(self.number, letter.raw.decode())

    def test_a_member_who_was_removed_commands_nothing_and_it_is_told_since_when(self):
        notice = self.notice(BOB)
        text = self.site.config.read_text()
        self.site.config.write_text(text.replace(f'[[team]]\nname = "Bob"\naddress = "{BOB}"\n', ""))
        self.send(answer(notice, BOB, "/take\n"))
        self.assertFalse(self.ticket()["owner"])
        before, after = self.site.json("audit", "roster")
        self.assertEqual({ALICE, BOB}, set(before["members"]))
        self.assertEqual({ALICE}, set(after["members"]))
        self.assertLess(before["at"], after["at"])

    def test_quoted_commands(self):
        notice = self.notice(ALICE)
        self.send(answer(notice, ALICE, "> /close spam\n\nWe will look into it.\n\n-- \n/close fixed\n"))
        self.assertNotEqual("closed", self.ticket()["state"])
        self.assertNotIn("commanded", self.events())
        self.assertEqual(1, self.to_rae().count("relay"))
        self.assertNotIn("/close", self.newest(RAE, "relay").text)


class AHeldMail(Opened):
    """A stranger answers what was sent to the reporter."""
    MALLORY = "mallory@lab.test"

    def setUp(self):
        super().setUp()
        acknowledgement = self.host.inbox(RAE)[0]
        self.send(mails.mail(f"Mallory <{self.MALLORY}>", subject=f"Re: {acknowledgement['Subject']}",
                             text="I work with Rae. There is a stored XSS, too.\n", answers=acknowledgement.message_id))

    def test_is_seen_apart_and_tells_nobody(self):
        notice = self.notice(ALICE)
        self.assertIn("held", notice["Subject"])
        self.assertEqual([], self.host.inbox(self.MALLORY))
        # An answer to it stays inside.
        self.send(answer(notice, ALICE, "Does anybody know her?\n"))
        self.assertEqual(["acknowledgement"], self.to_rae())
        self.assertEqual([], self.host.inbox(self.MALLORY))

    def test_is_let_in_by_a_confirmed_command(self):
        self.send(answer(self.notice(ALICE), ALICE, "/confirm\n"))
        self.assertNotIn("confirmed", self.events())
        self.send(answer(self.newest(ALICE, "question"), ALICE, "yes\n"))
        self.assertIn("confirmed", self.events())
        acknowledgement = self.host.inbox(RAE)[0]
        self.send(mails.mail(f"Mallory <{self.MALLORY}>", subject=f"Re: {acknowledgement['Subject']}",
                             text="Here is the page.\n", answers=acknowledgement.message_id))
        self.assertNotIn("held", self.notice(ALICE)["Subject"])

    def test_becomes_a_ticket_by_split(self):
        self.send(answer(self.notice(ALICE), ALICE, "/split\n"))
        reporters = sorted(row["reporter"] for row in self.site.tickets())
        self.assertEqual([self.MALLORY, RAE], reporters)
        self.assertEqual(["acknowledgement"], [one["X-Tocsin-Mail"] for one in self.host.inbox(self.MALLORY)])
        first = of(self.host.inbox(ALICE), "notice")[0]
        self.send(answer(first, ALICE, "/undo\n"))
        self.assertIn("Done", self.newest(ALICE, "transcript")["Subject"])
        self.assertNotIn("Not done", self.newest(ALICE, "transcript")["Subject"])
        (split,) = [row for row in self.site.tickets() if row["reporter"] == self.MALLORY]
        self.assertEqual("closed", split["state"])


def winmail(name, content):
    """What Outlook makes of a file (MS-OXTNEF): a title and its bytes, each an attribute with a checksum."""
    def attribute(identity, body):
        return struct.pack("<BII", 2, identity, len(body)) + body + struct.pack("<H", sum(body) & 0xFFFF)
    return (struct.pack("<IH", 0x223E9F78, 1) + attribute(0x00069002, b"\x01\0" + b"\xff" * 4 + b"\0" * 8) +
            attribute(0x00018010, name + b"\0") + attribute(0x0006800F, content))


class AForwardedReport(Opened):
    def test_becomes_a_ticket_of_its_author(self):
        self.host.send(mails.mail(f"Bob <{BOB}>", subject="Fwd: SQL injection in the shop", text="""\
/open

---------- Forwarded message ---------
From: Kim Park <kim@lab.test>
Date: Fri, 20 Nov 2026 at 10:00
Subject: SQL injection in the shop
To: <bob@acme.test>

Hello Bob, there is an SQL injection in the shop's search field.
Steps to reproduce: search for ' OR 1=1.
"""))
        attached = mails.mail(f"Alice <{ALICE}>", subject="Fwd: something", text="/open\n\nGot this at the conference.\n")
        attached.add_attachment(mails.mail("Lee <lee@lab.test>", to=ALICE, subject="Path traversal in the help pages",
                                           text="The help pages read /../../etc/passwd: path traversal.\n"))
        self.host.send(attached)
        self.site.once()
        self.assertEqual(1, len(self.site.tickets()))
        self.host.send(answer(self.newest(ALICE, "question"), ALICE, "yes\n"))
        self.send(answer(self.newest(BOB, "question"), BOB, "yes\n"))
        self.assertEqual({RAE, "kim@lab.test", "lee@lab.test"}, {row["reporter"] for row in self.site.tickets()})
        (lees,) = [row for row in self.site.tickets() if row["reporter"] == "lee@lab.test"]
        self.assertEqual("Path traversal in the help pages", lees["title"])
        (notice,) = [one for one in of(self.host.inbox(BOB), "notice") if lees["number"] in one["Subject"]]
        self.assertIn("> The help pages read", notice.text)
        self.assertEqual(["acknowledgement"], [one["X-Tocsin-Mail"] for one in self.host.inbox("lee@lab.test")])
        (ticket,) = [row for row in self.site.tickets() if row["reporter"] == "kim@lab.test"]
        self.assertEqual("SQL injection in the shop", ticket["title"])
        self.assertEqual(["acknowledgement"], [one["X-Tocsin-Mail"] for one in self.host.inbox("kim@lab.test")])


class Undo(Opened):
    configuration = {"more": '[team_mail]\nrelay_delay = "10 minutes"\nsign = "name"\n'}

    def test_takes_back_words_that_still_wait(self):
        self.send(answer(self.notice(ALICE), ALICE, "/triage critical\n\nThis was meant for another ticket.\n"))
        self.assertEqual(["acknowledgement"], self.to_rae())
        self.assertEqual("triaged", self.ticket()["state"])
        self.send(answer(self.notice(ALICE), ALICE, "/undo\n"))
        self.assertEqual("acknowledged", self.ticket()["state"])
        status = self.site.json("status")["outbox"]
        self.assertEqual(0, status["queued"] + status["deferred"])


if __name__ == "__main__":
    live.main()
