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
    text = re.sub(r"NUMBER\.[A-Za-z0-9._@-]+", "ID", text)
    return re.sub(r"\d{1,2}:\d{2}(:\d{2})?", "TIME", text)


class Pairs(live.Story):
    @classmethod
    def tell(cls, host, site):
        house = keys.Person("ACME Security", "security@acme.test")
        other = keys.Person("ACME Security", "psirt@elsewhere.test")
        rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        openpgp(site, house)
        inside_key = [("rae.asc", "application/pgp-keys", rae.certificate())]
        good = rae.encrypted(REPORT, house, subject="report")
        body, _, tail = good.rpartition(b"\r\n=")
        armor_line = body.rfind(b"\r\n", 0, len(body) - 200)
        damaged = body[:armor_line - 40] + b"AAAAAAAA" + body[armor_line - 32:] + b"\r\n=" + tail
        cls.mails = {
            "a report": good,
            "a newsletter inside": rae.encrypted("Unsubscribe here. Our weekly newsletter.\n", house, subject="report"),
            "german inside": rae.encrypted("Guten Tag, hier ist eine Schwachstelle in der Anmeldung, bitte lesen.\n", house, subject="report"),
            "a key inside": rae.encrypted(REPORT, house, subject="report", attachments=inside_key),
            "signed inside": rae.encrypted(REPORT, house, subject="report", sign=True),
            "damaged": damaged,
            "truncated": good[:len(good) // 2],
            "an out-of-office inside": rae.encrypted("I am out of office until Monday.\n", house, subject="report"),
            "a beggar inside": rae.encrypted("any reward, bounty for this? kindly pay\n", house, subject="report"),
            "hidden recipient": rae.encrypted(REPORT, house, subject="report", words=["--throw-keyids"]),
            "a hidden other": rae.encrypted(REPORT, other, subject="report", words=["--throw-keyids"]),
        }
        cls.answers = {}
        for name, mail in cls.mails.items():
            before = len(host.inbox("rae@lab.test"))
            host.put(mail)
            site.once()
            cls.answers[name] = host.inbox("rae@lab.test")[before:]

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
