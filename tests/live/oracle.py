#!/usr/bin/env python3
"""Can anybody outside tell from an answer what lay in an encrypted mail, or whether it could be opened?"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
from openpgp import openpgp

REPORT = "Remote code execution in the upload form, as root. CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\n"


def without_what_is_its_own(letter):
    """The mail but for number, dates, ids and the signature."""
    text = letter.sent_bytes.decode()
    text = re.sub(r"(?s)-----BEGIN PGP SIGNATURE-----.*?-----END PGP SIGNATURE-----", "SIGNATURE", text)
    text = re.sub(r"SEC-\d{4}-\d+", "NUMBER", text)
    text = re.sub(r"(?im)^(date|message-id|in-reply-to|references):.*(\n[ \t].*)*", r"\1:", text)
    text = re.sub(r"=_[0-9a-f]{32}", "BOUNDARY", text)
    text = re.sub("|".join(WRITERS), "WRITER", text, flags=re.I)
    text = re.sub(r"NUMBER\.[A-Za-z0-9._@-]+", "ID", text)
    return re.sub(r"\d{1,2}:\d{2}(:\d{2})?", "TIME", text)


WRITERS = ["Rae", "Ira", "Una", "Kim", "Lea", "Max", "Ned", "Oda", "Pia", "Ron", "Sam"]


class Pairs(live.Story):
    """Each mail is its writer's first, so that neither a key bound before nor the mails of a day tell them apart."""

    @classmethod
    def tell(cls, host, site):
        house = keys.Person("ACME Security", "security@acme.test")
        other = keys.Person("ACME Security", "psirt@elsewhere.test")
        openpgp(site, house)
        writers = {name: keys.Person(name + " Lindqvist", name.lower() + "@lab.test") for name in WRITERS}

        def damaged(by):
            body, _, tail = by.encrypted(REPORT, house, subject="report").rpartition(b"\r\n=")
            line = body.rfind(b"\r\n", 0, len(body) - 200)
            return body[:line - 40] + b"AAAAAAAA" + body[line - 32:] + b"\r\n=" + tail

        def inside(text, to=house, **how):
            return lambda by: by.encrypted(text, to, subject="report", **how)

        cls.mails = {
            "a report": inside(REPORT),
            "a newsletter inside": inside("Unsubscribe here. Our weekly newsletter.\n"),
            "german inside": inside("Guten Tag, hier ist eine Schwachstelle in der Anmeldung, bitte lesen.\n"),
            "a key inside": lambda by: by.encrypted(
                REPORT, house, subject="report",
                attachments=[("key.asc", "application/pgp-keys", by.certificate())]),
            "signed inside": inside(REPORT, sign=True),
            "damaged": damaged,
            "truncated": lambda by: (lambda whole: whole[:len(whole) // 2])(inside(REPORT)(by)),
            "an out-of-office inside": inside("I am out of office until Monday.\n"),
            "a beggar inside": inside("any reward, bounty for this? kindly pay\n"),
            "hidden recipient": inside(REPORT, words=["--throw-keyids"]),
            "a hidden other": inside(REPORT, to=other, words=["--throw-keyids"]),
        }
        for made, writer in zip(cls.mails.values(), writers.values()):
            host.put(made(writer))
        site.once()
        cls.answers = {name: host.inbox(writer.address) for name, writer in zip(cls.mails, writers.values())}

    def test_each_draws_one_acknowledgement(self):
        for name, answers in self.answers.items():
            self.assertEqual(["acknowledgement"], [answer["X-Tocsin-Mail"] for answer in answers], name)

    def test_all_are_the_same(self):
        model = without_what_is_its_own(self.answers["a report"][0])
        self.assertIn("Your report reached", self.answers["a report"][0].text)
        for name, (answer,) in self.answers.items():
            with self.subTest(name):
                self.assertEqual(model, without_what_is_its_own(answer))


if __name__ == "__main__":
    live.main()
