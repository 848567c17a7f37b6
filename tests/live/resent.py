#!/usr/bin/env python3
"""May somebody who sends another's ciphertext once more learn a word of it, through us or through what the team writes?"""
import email
import email.policy
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
import mails
from openpgp import openpgp

REPORT = "The export job of the portal runs whatever stands in the file name, as root.\n"
WORDS = "Thank you. Which version is it?\n"
HERS = "You wrote: The export job of the portal runs whatever stands in the file name, as root.\n"


def text_inside(person, letter):
    """What a person reads of a mail to her, opened where it is encrypted."""
    if letter.message.get_content_type() != "multipart/encrypted":
        return letter.text
    return person.opens(letter).get_body().get_content()


class AgainFromSomebodyElse(live.Story):
    @classmethod
    def tell(cls, host, site):
        cls.house = keys.Person("ACME Security", "security@acme.test")
        cls.alice = keys.Person("Alice", "alice@acme.test")
        cls.rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        mallory = keys.Person("Mallory", "mallory@lab.test")
        cls.house.take(cls.alice)
        cls.rae.take(cls.house)
        cls.alice.take(cls.house)
        openpgp(site, cls.house, [cls.alice])
        armor = cls.rae.seal(cls.rae.entity(REPORT), cls.house)
        hers = cls.rae._header("first", "security@acme.test", []).encode() + cls.rae.wrapped(armor)
        host.put(hers)
        host.put(mallory.encrypted("Some words of my own.\n", cls.house, subject="model"))
        site.once()
        host.put(mallory._header("whole", "security@acme.test", []).encode() + mallory.wrapped(armor, "other"))
        # Behind a ciphertext of his own, as files.
        host.put(mallory._header("behind", "security@acme.test", []).encode() + mallory.entity(
            "See the files.\n", attachments=[("a.asc", "application/octet-stream", mallory.seal(b"mine", cls.house)),
                                             ("b.asc", "application/octet-stream", armor)]))
        site.once()
        cls.numbers = {row["title"]: row["number"] for row in site.tickets()}
        cls.first = cls.numbers["first"]
        cls.to_alice = {letter.message_id: letter for letter in host.inbox("alice@acme.test")}
        cls.to_mallory = host.inbox("mallory@lab.test")
        cls.steps = {}

        def notice_of(title):
            return next(letter for letter in cls.to_alice.values()
                        if letter["X-Tocsin-Mail"] == "notice" and cls.numbers[title] in letter["Subject"])
        cls.notices = {title: notice_of(title) for title in cls.numbers}

        def answer(step, *texts, signed=False):
            """What came back to Alice, and what went out, after she answered the notices of (ticket, text)."""
            before = {person: len(host.inbox(person)) for person in ("alice@acme.test", "rae@lab.test", "mallory@lab.test")}
            for title, text in texts:
                notice = cls.notices[title].message_id
                host.put(cls.alice.signed(text, subject="Re: it", answers=notice) if signed else
                         mails.mail("Alice <alice@acme.test>", subject="Re: it", text=text, answers=notice))
            site.once()
            cls.steps[step] = {person: host.inbox(person)[count:] for person, count in before.items()}

        answer("blocked", ("first", WORDS), ("whole", WORDS), ("behind", "/confirm\n"))
        answer("cleared", ("first", f"/confirm\n/note\n{cls.first}: I have looked at it.\n"), signed=True)
        answer("without a key", ("first", WORDS))
        # What was signed within an encryption, once more under a header of its thief's.
        command = cls.alice.encrypted(f"/severity critical\n/note\n{cls.first}\n", cls.house, subject="Re: it", sign=True,
                                      answers=cls.notices["first"].message_id)
        host.put(command)
        site.once()
        cls.after_command = site.ticket(cls.first)["severity"]
        answer("lowered", ("first", f"/severity low\n/note\n{cls.first}\n"), signed=True)
        body = command[command.index(b"Content-Type: multipart/encrypted"):]
        host.put(cls.alice._header("Re: it", "security@acme.test", [], cls.notices["first"].message_id).encode() + body)
        site.once()
        cls.after_replay = site.ticket(cls.first)["severity"]
        (site.folder / "rae.asc").write_bytes(cls.rae.certificate())
        cls.imported = site.ctl("key", "import", site.folder / "rae.asc")
        answer("relayed", ("first", WORDS + HERS))

    def transcript(self, step):
        return "\n".join(" ".join(text_inside(self.alice, letter).split()) for letter in self.steps[step]["alice@acme.test"]
                         if letter["X-Tocsin-Mail"] in ("transcript", "question"))

    def test_it_is_acknowledged_like_any_mail(self):
        self.assertEqual(["acknowledgement"] * 3, [letter["X-Tocsin-Mail"] for letter in self.to_mallory])

    def test_the_notice_begins_with_the_alarm(self):
        for title in ("whole", "behind"):
            with self.subTest(title):
                text = text_inside(self.alice, self.notices[title])
                self.assertTrue(text.lstrip().startswith("ALARM: Somebody else has sent this very ciphertext"), text[:200])
                self.assertIn(self.first, " ".join(text.split()))

    def test_the_other_ticket_hears_of_it(self):
        alarms = [letter for letter in self.to_alice.values()
                  if letter["X-Tocsin-Mail"] == "alarm" and self.first in letter["Subject"]]
        self.assertEqual(2, len(alarms))

    def test_both_are_blocked(self):
        for title in ("first", "whole", "behind"):
            events = [line["event"] for line in self.site.ticket(self.numbers[title])["history"]]
            self.assertIn("relays-blocked", events, title)
        self.assertNotIn("relays-blocked", [line["event"] for line in self.site.ticket(self.numbers["model"])["history"]])

    def test_no_words_go_out_meanwhile(self):
        self.assertEqual([], self.steps["blocked"]["rae@lab.test"] + self.steps["blocked"]["mallory@lab.test"])
        self.assertEqual(2, self.transcript("blocked").count("/confirm lets words out again"), self.transcript("blocked"))

    def test_it_takes_a_proof_to_clear(self):
        questions = [one for one in self.steps["blocked"]["alice@acme.test"] if one["X-Tocsin-Mail"] == "question"]
        self.assertEqual([True], [self.numbers["behind"] in one["Subject"] for one in questions])
        self.assertNotIn("relays-cleared", [line["event"] for line in self.site.ticket(self.numbers["behind"])["history"]])

    def test_a_signature_clears(self):
        self.assertIn("words go out again", self.transcript("cleared"))
        self.assertIn("relays-cleared", [line["event"] for line in self.site.ticket(self.first)["history"]])

    def test_what_a_member_signed_counts_once(self):
        self.assertEqual(("critical", "low"), (self.after_command, self.after_replay))

    def test_nothing_leaves_less_protected_than_it_came(self):
        self.assertEqual([], self.steps["without a key"]["rae@lab.test"])
        self.assertIn("no key of rae@lab.test", " ".join(self.transcript("without a key").split()))

    def test_with_her_key_the_words_go_out_to_it(self):
        self.assertEqual(0, self.imported.returncode, self.imported.stderr)
        (relay,) = self.steps["relayed"]["rae@lab.test"]
        self.assertEqual("multipart/encrypted", relay.message.get_content_type())
        self.assertEqual(f"[{self.first}]", relay["Subject"])
        inside = self.rae.opens(relay)
        self.assertTrue(inside.was_signed)
        self.assertEqual((WORDS + HERS).split(), inside.get_content().split())


class QuotedInTheClear(live.Story):
    """A member's program quotes an encrypted notice, and sends it unencrypted."""

    @classmethod
    def tell(cls, host, site):
        house, alice = keys.Person("ACME Security", "security@acme.test"), keys.Person("Alice", "alice@acme.test")
        rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        house.take(alice)
        rae.take(house)
        alice.take(house)
        openpgp(site, house, [alice])
        host.put(rae.encrypted(REPORT, house, more=[("Autocrypt", rae.autocrypt())]))
        site.once()
        (notice,) = host.inbox("alice@acme.test")
        quotation = "".join(f"> {line}\n" for line in text_inside(alice, notice).splitlines())

        def answer(text):
            host.put(mails.mail("Alice <alice@acme.test>", subject="Re: it", text=text, answers=notice.message_id))
            site.once()
            return {person: [one for one in host.inbox(person) if one["X-Tocsin-Mail"] == "alarm"]
                    for person in ("alice@acme.test", "bob@acme.test")}
        cls.without = answer(WORDS)
        cls.once = answer("Thanks.\n\nRae wrote:\n" + quotation)
        cls.twice = answer("And one more word.\n\nRae wrote:\n" + quotation)
        cls.alice = alice

    def test_what_quotes_nothing_alarms_nobody(self):
        self.assertEqual([0, 0], [len(alarms) for alarms in self.without.values()])

    def test_the_team_hears_of_it_once(self):
        self.assertEqual([1, 1], [len(alarms) for alarms in self.once.values()])
        self.assertEqual([1, 1], [len(alarms) for alarms in self.twice.values()])

    def test_the_alarm_says_no_word_of_it(self):
        said = [text_inside(self.alice, self.once["alice@acme.test"][0]), self.once["bob@acme.test"][0].text]
        for text in said:
            self.assertIn("came in the clear and holds text that had come encrypted", " ".join(text.split()))
            self.assertNotIn("export job", text)


if __name__ == "__main__":
    live.main()
