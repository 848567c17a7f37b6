"""The one long story of a report: from its arrival to its end and back, told through a running daemon.

Each chapter is what somebody writes, and what lies in every mailbox afterwards: the test compares all of it, the demo
shows it. `Story(host, site).chapters()` yields a Chapter once it has come to pass.
"""
import dataclasses
import datetime
import email.message
import email.utils
import re

import mails
from waiting import wait_until

RAE, ALICE, BOB = "rae@lab.test", "alice@acme.test", "bob@acme.test"
NAMES = {RAE: "Rae Lindqvist", ALICE: "Alice", BOB: "Bob"}


@dataclasses.dataclass
class Expected:
    """A mail that must have come: its template, and what must and must not stand in it."""
    template: str
    says: tuple = ()
    never: tuple = ()


@dataclasses.dataclass
class Chapter:
    title: str
    writer: str      # an address, or nothing
    text: str        # what was written
    came: dict       # address → the letters that this brought, in their order
    expected: dict   # address → what was expected
    state: str       # of the ticket afterwards
    wrong: list      # sentences; empty when all is as it should be


def quoted(letter):
    return "".join(f"> {line}\n" for line in letter.text.splitlines())


def in_days(days, hour=17):
    at = datetime.date.today() + datetime.timedelta(days=days)
    while at.weekday() > 4:
        at += datetime.timedelta(days=1)
    return at, f"{at.isoformat()} {hour:02d}:00"


def in_words(day):
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


class Story:
    """`report` is the mail that opened her ticket, where it has come already."""

    def __init__(self, host, site, report=None):
        self.host, self.site, self.report = host, site, report
        self.seen = {address: len(host.inbox(address)) for address in NAMES}

    def ticket(self):
        """Hers, as a row of the list; there may be others' beside it."""
        (row,) = [row for row in self.site.tickets() if row["reporter"] == RAE]
        return row

    # ---- who writes what

    def last(self, address, template):
        number = self.ticket()["number"]
        return [letter for letter in self.host.inbox(address)
                if letter["X-Tocsin-Mail"] == template and letter["X-Tocsin-Ticket"] == number][-1]

    def rae_writes(self, text, answers):
        return mails.mail(f"{NAMES[RAE]} <{RAE}>", subject=f"Re: {answers['Subject']}", answers=answers.message_id,
                          references=[mails.identity_of(self.report), answers.message_id],
                          text=f"{text}\n\nOn {answers['Date']}, ACME wrote:\n{quoted(answers)}")

    def member_answers(self, member, text, letter):
        """As a mail program does it: to the sender that it shows, above the quotation, with a signature block."""
        return mails.mail(f"{NAMES[member]} <{member}>", to=letter["From"], subject=f"Re: {letter['Subject']}",
                          answers=letter.message_id, headers=[("User-Agent", "A mail program")],
                          text=f"{text}\n\nOn {letter['Date']}, {letter['From'].split('<')[0].strip()} wrote:\n"
                               f"{quoted(letter)}\n-- \n{NAMES[member]} Adams, ACME product security\n")

    def bounce_of(self, letter):
        """What a mail server far away sends when it cannot deliver one of ours (RFC 3464)."""
        made = email.message.EmailMessage()
        made["From"], made["To"] = "MAILER-DAEMON@mx.lab.test", "security@acme.test"
        made["Subject"], made["Date"] = "Undelivered Mail Returned to Sender", email.utils.formatdate()
        made["Message-ID"], made["Auto-Submitted"] = f"<{mails.message_id('mx.lab.test')}>", "auto-replied"
        made.set_content("Your mail could not be delivered: the mailbox is full.\n")
        made.make_mixed()
        made.set_type("multipart/report")
        made.set_param("report-type", "delivery-status")
        status = email.message.Message()
        status["Content-Type"] = "message/delivery-status"
        fields = [email.message.Message(), email.message.Message()]
        fields[0]["Reporting-MTA"] = "dns; mx.lab.test"
        for name, value in (("Final-Recipient", f"rfc822; {RAE}"), ("Action", "failed"), ("Status", "5.2.2"),
                            ("Diagnostic-Code", "smtp; 552 5.2.2 mailbox full")):
            fields[1][name] = value
        status.set_payload(fields)
        made.attach(status)
        returned = email.message.Message()
        returned["Content-Type"] = "text/rfc822-headers"
        head = letter.sent_bytes.partition(b"\n\n")[0].decode("utf-8", "replace")
        returned.set_payload(head + "\n")
        made.attach(returned)
        return made.as_bytes()

    # ---- a chapter

    def now_in(self, address):
        return self.host.inbox(address)[self.seen[address]:]

    def chapter(self, title, writer, mail, text, **brings):
        """Sends the mail and waits until everybody has what `rae`, `alice` and `bob` name; then for quiet."""
        expected = {address: brings.get(name, []) for name, address in (("rae", RAE), ("alice", ALICE), ("bob", BOB))}
        self.host.send(mail, sender="" if writer == "" else None, settle=False)
        wrong = []
        try:
            wait_until(lambda: all(len(self.now_in(address)) >= len(mails_) for address, mails_ in expected.items())
                       and self.site.settled(), f"all mail of the chapter '{title}' came", 30, every=0.1)
        except AssertionError as never:
            wrong.append(str(never))
        self.host.settle()
        came = {address: self.now_in(address) for address in NAMES}
        for address, wanted in expected.items():
            wrong += self.compare(address, came[address], wanted)
            self.seen[address] += len(came[address])
        return Chapter(title, writer, text, came, expected, self.ticket()["state"], wrong)

    def compare(self, address, came, wanted):
        wrong = []
        templates = [letter["X-Tocsin-Mail"] for letter in came]
        if sorted(templates) != sorted(one.template for one in wanted):
            wrong.append(f"{address} got {templates}, not {[one.template for one in wanted]}")
        for one in wanted:
            for letter in [each for each in came if each["X-Tocsin-Mail"] == one.template][:1]:
                body = " ".join(re.sub(r"(?m)^> ?", "", letter.text).split())
                wrong += [f"the {one.template} to {address} lacks: {words}" for words in one.says if words not in body]
                wrong += [f"the {one.template} to {address} has: {words}" for words in one.never if words in body]
        for letter in came if address == RAE else []:
            whole = letter.sent_bytes.decode("utf-8", "replace") + letter.text
            for inside in ("alice", "bob", "adams", "a mail program", "/take", "+60", "ref-"):
                # As a word: an identifier may hold three letters by chance.
                as_word = rf"(?<![0-9a-z]){re.escape(inside)}(?![0-9a-z])" if inside.isalpha() else re.escape(inside)
                if re.search(as_word, whole.lower()):
                    wrong.append(f"the {letter['X-Tocsin-Mail']} to {address} shows what is ours alone: {inside}")
        for letter in came:
            if letter["X-Tocsin-Ticket"] and letter["Subject"].count(letter["X-Tocsin-Ticket"]) > 1:
                wrong.append(f"the subject has the number more than once: {letter['Subject']}")
        return wrong

    # ---- the whole of it

    def says(self, member, title, text, template="notice", **brings):
        letter = self.last(member, template)
        return self.chapter(title, member, self.member_answers(member, text, letter), text, **brings)

    def hears(self, title, text, template, **brings):
        return self.chapter(title, RAE, self.rae_writes(text, self.last(RAE, template)), text, **brings)

    def asked_and_confirmed(self, title, command, **brings):
        """What is destructive comes back as a question to a member who does not sign."""
        yield self.says(ALICE, f"{title}: are you sure?", command, alice=[Expected("question", (command.split()[0], "yes"))])
        yield self.says(ALICE, title, "yes", template="question", **brings)

    def chapters(self, bounces=True):
        told = Expected("transcript")
        both = {"alice": [Expected("notice")], "bob": [Expected("notice")]}
        if self.report is None:
            self.report = mails.critical_report()
            yield self.chapter("A report comes", RAE, self.report, "",
                               rae=[Expected("acknowledgement", ("A person of our security team",), ("shell",))],
                               alice=[Expected("notice", ("runs the thumbnail helper through a shell",))],
                               bob=[Expected("notice", ("runs the thumbnail helper through a shell",))])
        question = "Thank you, Rae. Which version of the portal do you have?"
        yield self.says(ALICE, "Alice takes it, and asks", f"/take\n\n{question}",
                        rae=[Expected("relay", (question,), ("thumbnail",))], alice=[told],
                        bob=[Expected("notice", (question,))])
        yield self.hears("Rae answers", "It is 4.2.1, as shipped.", "relay",
                         alice=[Expected("notice", ("It is 4.2.1, as shipped.",))],
                         bob=[Expected("notice", ("It is 4.2.1, as shipped.",))])
        again = "We see it too. Does it need an account?"
        yield self.says(BOB, "Bob asks as well", again, rae=[Expected("relay", (again,))],
                        alice=[Expected("notice", (again,))])
        yield self.hears("Rae answers him", "No, none at all.", "relay", **both)
        eta, eta_text = in_days(19)
        yield self.says(ALICE, "It is triaged, with a date", f"/triage critical\n/eta {eta_text}",
                        rae=[Expected("triaged", ("We rate it as: critical.", in_words(eta), "under which name"))],
                        alice=[told])
        please = "Could you send us the picture that you uploaded?"
        yield self.says(ALICE, "Alice needs something from Rae", f"/wait\n\n{please}",
                        rae=[Expected("waiting", (please, "the work on it rests"))], alice=[told],
                        bob=[Expected("notice", (please,))])
        if bounces:
            yield self.chapter("That mail bounces", "", self.bounce_of(self.last(RAE, "waiting")), "mailbox full",
                               alice=[Expected("bounced", (RAE,))], bob=[Expected("bounced", (RAE,))])
        yield self.hears("Rae answers all the same", "Here it is again: kingfisher;id>/tmp/owned;.png", "waiting", **both)
        yield self.says(ALICE, "It is fixed", "/investigated\n/fixed 4.2.2",
                        rae=[Expected("fixed", ("version 4.2.2", "free to publish"))], alice=[told])
        quiet, quiet_text = in_days(70)
        yield self.hears("Rae says how she wants to be thanked",
                         "Please thank me as Rae L. of the Lab. I keep it to myself for ten weeks more.", "fixed", **both)
        yield self.says(ALICE, "Alice confirms it", f"/credit Rae L. of the Lab\n/embargo {quiet_text}", alice=[told])
        yield self.hears("Rae asks how it stands", "status", "fixed",
                         rae=[Expected("progress", ("It is fixed.", in_words(quiet), "Rae L. of the Lab"), ("shell",))])
        yield from self.asked_and_confirmed("The day of the disclosure is named", f"/disclose {quiet_text}",
                                            rae=[Expected("disclosed", (in_words(quiet),))], alice=[told])
        yield from self.asked_and_confirmed("It is closed", "/close fixed",
                                            rae=[Expected("closed", ("we have closed your report", "version 4.2.2"))],
                                            alice=[told])
        yield self.hears("It comes back", "I am sorry: 4.2.3 has it again.", "closed", **both)
        sorry = "Thank you for telling us. We look at it at once."
        yield self.says(BOB, "Bob opens it again", f"/reopen\n\n{sorry}", rae=[Expected("relay", (sorry,))], bob=[told],
                        alice=[Expected("notice", (sorry,))])
