#!/usr/bin/env python3
"""Is what neomutt encrypts and signs opened and verified, and can neomutt's owner read what comes back?"""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
import mails
from neomutt import Neomutt
from openpgp import openpgp
from resent import text_inside

WORDS = "Remote code execution in the upload form: name a file kingfisher;id.png and it runs.\n"
SHAPES = {"both": ["crypt_autoencrypt=yes", "crypt_autosign=yes"], "encrypted": ["crypt_autoencrypt=yes"],
          "signed": ["crypt_autosign=yes"], "protected": ["crypt_autoencrypt=yes", "crypt_protected_headers_write=yes"]}


class ReportsFromNeomutt(live.Story):
    @classmethod
    def tell(cls, host, site):
        house, alice = keys.Person("ACME Security", "security@acme.test"), keys.Person("Alice", "alice@acme.test")
        cls.rae, cls.alice = keys.Person("Rae Lindqvist", "rae@lab.test"), alice
        cls.rae.take(house)
        cls.rae.gpg("--import-ownertrust", data=f"{house.fingerprint}:6:\n".encode())
        house.take(alice, cls.rae)  # an administrator took her key in
        openpgp(site, house, [alice])
        cls.explained = {}
        for name, settings in SHAPES.items():
            letter = mails.mail("ACME Security <security@acme.test>", to="rae@lab.test", subject=f"neomutt {name}",
                                text="Please write to us.\n").as_bytes()
            with Neomutt(site.folder / name, "Rae Lindqvist", "rae@lab.test",
                         [*settings, "sig_dashes=no", "signature="], gnupg_home=cls.rae.path) as mutt:
                raw = mutt.answer(letter, WORDS, "top")
            host.send(raw, sender="rae@lab.test")
            cls.explained[name] = site.json("explain", "-", text=raw.decode())
        site.once()
        cls.answers = host.inbox("rae@lab.test")
        cls.notices = host.inbox("alice@acme.test")

    def test_each_is_opened_and_verified(self):
        for name, said in self.explained.items():
            with self.subTest(name):
                crypto = said["crypto"]
                self.assertEqual((name != "signed", None), (crypto["encrypted"], crypto["error"]))
                self.assertIn("kingfisher;id.png", said["message"]["text"])
                signed = [("good", "all")] if name in ("both", "signed") else []
                self.assertEqual(signed, [(one["status"], one["covers"]) for one in crypto["signatures"]])
        self.assertEqual("Re: neomutt protected", self.explained["protected"]["crypto"]["protected_subject"])

    def test_answers_are_as_protected_as_the_mail(self):
        self.assertEqual(len(SHAPES), len(self.answers))
        kinds = sorted(letter.message.get_content_type() for letter in self.answers)
        self.assertEqual(["multipart/encrypted"] * 3 + ["multipart/signed"], kinds)
        for letter in self.answers:
            if letter.message.get_content_type() == "multipart/signed":
                self.assertTrue(self.rae.verifies(letter))
            else:
                inside = self.rae.opens(letter)
                self.assertTrue(inside.was_signed)
                self.assertIn("Your report reached", inside.get_content())

    def test_the_team_reads_them(self):
        for notice in self.notices:
            self.assertIn("kingfisher;id.png", text_inside(self.alice, notice))


if __name__ == "__main__":
    live.main()
