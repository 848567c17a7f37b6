#!/usr/bin/env python3
"""Does encrypted and signed mail of every shape come in, and do answers go out as protected as they came?"""
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
import mails
from tocsin import ROOT

TEXT = "Remote code execution in the upload form: name a file x;id.png and it runs. Steps to reproduce: upload it.\n"


def few_rules(site):
    """Enough to open a ticket and to answer, where rules are not what is asked about: they are read each time."""
    folder = site.folder / "rules"
    shutil.copytree(ROOT / "rules/templates", folder / "templates")
    (folder / "policies").mkdir()
    for name in ("00-levels.toml", "30-elements.toml", "40-calendar.toml", "policies/default.toml"):
        shutil.copy(ROOT / "rules" / name, folder / name)
    return folder


def openpgp(site, house, members=(), more="", rules=None):
    """Configuration with the house's home, and keys of members."""
    site.configure(rules=rules, more=f'\n[openpgp]\nhome = "{house.path}"\nkey = "security@acme.test"\n{more}')
    text = site.config.read_text()
    for person in members:
        text = text.replace(f'address = "{person.address}"', f'address = "{person.address}"\nkey = "{person.fingerprint}"')
    site.config.write_text(text)


def by_subject(site, subject):
    return next(row for row in site.tickets() if row["title"] == subject)


class EveryShape(live.Story):
    @classmethod
    def tell(cls, host, site):
        cls.house = keys.Person("ACME Security", "security@acme.test")
        cls.alice = keys.Person("Alice", "alice@acme.test")
        cls.rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        cls.kim = keys.Person("Kim", "kim@lab.test")
        cls.house.take(cls.alice)
        cls.rae.take(cls.house)
        cls.kim.take(cls.house)
        cls.alice.take(cls.house)
        openpgp(site, cls.house, [cls.alice])
        rae, house = cls.rae, cls.house
        cls.shapes = {
            "pgp-mime": rae.encrypted(TEXT, house, subject="pgp-mime"),
            "together": rae.encrypted(TEXT, house, subject="together", sign=True),
            "signed-inside": rae.encrypted(TEXT, house, subject="signed-inside", nested=True),
            "mangled": rae.mangled(TEXT, house),
            "inline": rae.inline(TEXT, house),
            "inline-html": rae.inline_html(TEXT, house),
            "mangled-html": rae.mangled(TEXT, house, subject="mangled-html",
                                        blank=b"Content-Type: text/html\r\n\r\n<html><body></body></html>",
                                        version=b"application/octet-stream"),
            "encrypted-then-signed": rae.encrypted_then_signed(TEXT, house),
            "protected-v1": rae.encrypted(TEXT, house, subject="protected-v1", protected="Inside old"),
            "protected-hp": rae.encrypted(TEXT, house, subject="protected-hp", protected="Inside new", style="hp"),
            "signed": rae.signed(TEXT, subject="signed"),
            "with-file": rae.encrypted(TEXT, house, subject="with-file", attachments=[("poc.py", "text/x-python", b"print(1)\n")]),
        }
        cls.explained = {}
        for name, mail in cls.shapes.items():
            host.put(mail)
            if name not in ("pgp-mime", "with-file"):  # which other tests explain
                cls.explained[name] = site.json("explain", "-", text=mail.decode())
        host.put(cls.kim.encrypted(TEXT, house, subject="with-autocrypt", more=[("Autocrypt", cls.kim.autocrypt())]))
        site.once()
        cls.signed = {name: site.json("explain", "-", text=cls.kim.in_the_clear(armor, name).decode()) for name, armor in {
            "below its text": cls.kim.gpg("--clearsign", data=TEXT.encode()).stdout,
            "as a message": cls.kim.gpg("--armor", "--sign", data=TEXT.encode()).stdout,
            "changed": cls.kim.gpg("--clearsign", data=TEXT.encode()).stdout.replace(b"upload form", b"upload farm")}.items()}
        cls.to_rae, cls.to_kim = host.inbox("rae@lab.test"), host.inbox("kim@lab.test")
        cls.to_alice, cls.to_bob = host.inbox("alice@acme.test"), host.inbox("bob@acme.test")

    def test_each_is_opened(self):
        for name, said in self.explained.items():
            with self.subTest(name):
                crypto = said["crypto"]
                self.assertEqual(name != "signed", crypto["encrypted"])
                self.assertEqual("openpgp", crypto["protocol"])
                self.assertIsNone(crypto["error"])
                self.assertIn("x;id.png", said["message"]["text"])
                # A signature by a key that nobody knows stands for nothing.
                self.assertEqual("none" if name == "signed" else "all", crypto["covers"])

    def test_signatures_are_told(self):
        for name in ("together", "signed-inside", "encrypted-then-signed", "signed"):
            with self.subTest(name):
                (signature,) = self.explained[name]["crypto"]["signatures"]
                self.assertEqual("unknown-key", signature["status"])

    def test_what_is_signed_and_not_hidden_is_read(self):
        for name, status, covers in (("below its text", "good", "all"), ("as a message", "good", "all"), ("changed", "bad", "none")):
            with self.subTest(name):
                crypto = self.signed[name]["crypto"]
                self.assertEqual((False, "openpgp", None), (crypto["encrypted"], crypto["protocol"], crypto["error"]))
                self.assertEqual([(status, covers)], [(one["status"], one["covers"]) for one in crypto["signatures"]])
                self.assertIn("x;id.png", self.signed[name]["message"]["text"])
                self.assertNotIn("PGP", self.signed[name]["message"]["text"])

    def test_protected_subjects(self):
        self.assertEqual("Inside old", self.explained["protected-v1"]["crypto"]["protected_subject"])
        self.assertEqual("Inside new", self.explained["protected-hp"]["crypto"]["protected_subject"])
        self.assertEqual("Inside new", self.explained["protected-hp"]["message"]["subject"])

    def test_titles_are_the_outer_subject(self):
        self.assertEqual({*self.shapes, "with-autocrypt"}, {row["title"] for row in self.site.tickets()})

    def test_files_inside_are_seen(self):
        inside = next(self.alice.opens(letter) for letter in self.to_alice
                      if by_subject(self.site, "with-file")["number"] in letter["Subject"])
        self.assertIn("poc.py", inside.get_body().get_content())

    def test_acknowledgements_are_signed(self):
        self.assertEqual(len(self.shapes), len(self.to_rae))
        for letter in self.to_rae:
            self.assertEqual("multipart/signed", letter.message.get_content_type())
            self.assertTrue(self.rae.verifies(letter), letter.raw.decode())

    def test_they_say_how_to_send_a_key(self):
        said = [letter for letter in self.to_rae if "no key of yours" in " ".join(letter.text.split()) or "no\nkey of yours" in letter.text]
        self.assertEqual(len(self.shapes) - 1, len(said), self.to_rae[0].text)

    def test_our_key_goes_along(self):
        for letter in self.to_rae:
            self.assertIn("addr=security@acme.test", letter["Autocrypt"])

    def test_a_key_on_the_outside_gets_an_encrypted_answer(self):
        (letter,) = self.to_kim
        self.assertEqual("multipart/encrypted", letter.message.get_content_type())
        self.assertRegex(letter["Subject"], r"^\[SEC-\d{4}-\d{4}\]$")
        inside = self.kim.opens(letter)
        self.assertTrue(inside.was_signed)
        self.assertRegex(str(inside["Subject"]), "Your report to ACME")
        self.assertIn('hp="cipher"', str(inside["Content-Type"]))
        self.assertIn("Your report reached", inside.get_content())

    def test_a_member_with_a_key_gets_it_encrypted_to_it(self):
        for letter in self.to_alice:
            with self.subTest(letter["Subject"]):
                self.assertEqual("multipart/encrypted", letter.message.get_content_type())
                inside = self.alice.opens(letter)
                text = inside.get_body().get_content()
                self.assertTrue(inside.was_signed)
                self.assertIn("x;id.png", text)

    def test_a_member_without_one_is_not_shown_it(self):
        for letter in self.to_bob:
            text = letter.text
            if letter["Subject"].endswith(": signed"):
                self.assertIn("x;id.png", text)
            else:
                self.assertNotIn("x;id.png", text)
                self.assertIn("not shown", " ".join(text.split()))

    def test_tickets_keep_nothing_of_the_inside(self):
        said = self.site.json("show", by_subject(self.site, "protected-v1")["number"])["examination"]
        self.assertIsNone(said["message"]["text"])
        self.assertIsNone(said["crypto"]["protected_subject"])
        opened = self.site.json("show", by_subject(self.site, "protected-v1")["number"], "--decrypt")["examination"]
        self.assertIn("x;id.png", opened["message"]["text"])

    def test_backtest_opens_old_ciphertexts_again(self):
        """A rule about words that only stand inside would make each of them critical."""
        layer = self.site.folder / "harsher"
        layer.mkdir()
        (layer / "a.toml").write_text("[[rule]]\nid = 'remote-code-execution'\noverride = true\nscore = 95\n")
        found = self.site.json("rules", "backtest", "--rules", layer)
        self.assertEqual(len(self.shapes) + 1, found["sums"]["mails"])
        self.assertEqual(["critical"] * (len(self.shapes) + 1), [one["after"]["severity"] for one in found["changed"]])


class CiphertextElsewhere(live.Story):
    """It is opened apart and labelled, vouches for nothing around it, and draws no other answer."""

    @classmethod
    def tell(cls, host, site):
        house, alice = keys.Person("ACME Security", "security@acme.test"), keys.Person("Alice", "alice@acme.test")
        rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        cls.alice = alice
        house.take(alice)
        openpgp(site, house, [alice])
        armor = rae.seal(TEXT.encode(), house, sign=True)
        header = lambda subject: rae._header(subject, "security@acme.test", []).encode()
        entity = rae.wrapped(rae.seal(rae.entity(TEXT), house), "deep")
        mails = {
            "attached": rae.entity("Look at the file.\n", attachments=[("report.txt.asc", "application/octet-stream", armor)]),
            "alternative": b'Content-Type: multipart/alternative; boundary="alt"\r\n\r\n--alt\r\nContent-Type: text/plain\r\n\r\n'
                           b"Look at the other one.\r\n--alt\r\n" + entity + b"\r\n--alt--\r\n",
            "between": b"Content-Type: text/plain\r\n\r\nForged before.\r\n\r\n" + armor.replace(b"\n", b"\r\n") +
                       b"\r\nForged after.\r\n",
        }
        with_file = rae.entity(TEXT, attachments=[("poc.zip", "application/zip", b"PK-bytes")])
        mails["with-footer"] = (b'Content-Type: multipart/mixed; boundary="w"\r\n\r\n--w\r\n' +
                                rae.wrapped(rae.seal(with_file, house)) +
                                b"\r\n--w\r\nContent-Type: text/plain\r\n\r\n_____\r\nlist footer\r\n--w--\r\n")
        for subject, body in mails.items():
            host.put(header(subject) + body)
        cls.explained = {subject: site.json("explain", "-", text=(header(subject) + body).decode()) for subject, body in mails.items()}
        site.once()
        cls.answers = host.inbox("rae@lab.test")
        cls.notices = {row["title"]: next(letter for letter in host.inbox("alice@acme.test") if row["number"] in letter["Subject"])
                       for row in site.tickets()}

    def test_it_is_shown_apart(self):
        for subject, said in self.explained.items():
            with self.subTest(subject):
                self.assertEqual((True, "part", []), (said["crypto"]["encrypted"], said["crypto"]["covers"], said["crypto"]["signatures"]))
                self.assertIn("opened apart; it vouches for nothing around it]", said["message"]["text"])
                self.assertIn("x;id.png", said["message"]["text"])

    def test_the_team_sees_it_encrypted(self):
        for subject, notice in self.notices.items():
            with self.subTest(subject):
                text = self.alice.opens(notice).get_body().get_content()
                self.assertIn("opened apart", text)
                self.assertIn("x;id.png", text)

    def test_answers_know_nothing_of_it(self):
        """As if it were not there: she is asked for what the words in the clear do not say."""
        self.assertEqual(len(self.notices), len(self.answers))
        for answer in self.answers:
            self.assertEqual("acknowledgement", answer["X-Tocsin-Mail"])
            self.assertNotIn("x;id", answer.text)
            self.assertIn("We did not find everything that we usually need", " ".join(answer.text.split()))
            self.assertIn("the steps", answer.text)
            self.assertNotIn("came encrypted", answer.text)

    def test_its_files_reach_the_team(self):
        inside = self.alice.opens(self.notices["with-footer"])
        files = {part.get_filename(): part.get_payload(decode=True) for part in inside.walk() if part.get_filename()}
        self.assertIn(b"PK-bytes", files.values())
        self.assertTrue(all(name.endswith(".bin") for name in files), files)
        self.assertIn("by the name of poc.zip", " ".join(inside.get_body().get_content().split()))


class SMime(live.Story):
    """Signatures are checked, enveloped mail is recognised and kept."""

    @classmethod
    def tell(cls, host, site):
        house = keys.Person("ACME Security", "security@acme.test")
        openpgp(site, house)
        work = site.folder / "smime"
        work.mkdir()
        cls.made = work

        def openssl(*words, data=None):
            return subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True, check=True, cwd=work).stdout
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Rae Lindqvist/emailAddress=rae@lab.test",
                "-addext", "subjectAltName=email:rae@lab.test", "-keyout", "key", "-out", "certificate", "-days", "30")
        entity = keys.Person.entity(TEXT)
        header = b"From: Rae <rae@lab.test>\r\nTo: security@acme.test\r\nSubject: smime\r\nMessage-ID: <%s@lab.test>\r\n"
        sign = ["cms", "-sign", "-signer", "certificate", "-inkey", "key", "-binary", "-md", "sha256", "-crlfeol"]
        cls.detached = header % b"1" + openssl(*sign, data=entity)
        cls.opaque = header % b"2" + openssl(*sign, "-nodetach", data=entity)
        cls.enveloped = header % b"3" + openssl("cms", "-encrypt", "-aes256", "certificate", data=entity)
        fingerprint = openssl("x509", "-in", "certificate", "-noout", "-fingerprint", "-sha256").decode().split("=")[1].strip()
        site.config.write_text(site.config.read_text().replace(
            'address = "bob@acme.test"', f'address = "bob@acme.test"\nsmime = "{fingerprint}"'))
        bobs = header.replace(b"Rae <rae@lab.test>", b"Bob <bob@acme.test>") % b"4"
        cls.bobs = bobs + openssl(*sign, data=keys.Person.entity("/take\n\nSEC-2026-0001\n"))
        pss = ["-md", "sha512", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"]
        cls.pss = header % b"5" + openssl(*sign, *pss, data=entity)
        cls.without_certificate = header % b"6" + openssl(*sign, "-nocerts", data=entity)
        cls.crypto = {name: site.json("explain", "-", text=mail.decode("latin-1"))
                      for name, mail in {"pss": cls.pss, "without certificate": cls.without_certificate, "detached": cls.detached, "opaque": cls.opaque, "enveloped": cls.enveloped, "bob": cls.bobs,
                                         "changed": cls.detached.replace(b"upload form", b"upload farm")}.items()}
        host.put(cls.enveloped)
        site.once()

    def test_a_signature_is_checked(self):
        for name, status in (("detached", "unknown-key"), ("opaque", "unknown-key"), ("changed", "bad"),
                             ("pss", "unknown-key"), ("without certificate", "unknown-key")):
            with self.subTest(name):
                crypto = self.crypto[name]["crypto"]
                self.assertEqual(("smime", False), (crypto["protocol"], crypto["encrypted"]))
                self.assertEqual([(status, "none")], [(one["status"], one["covers"]) for one in crypto["signatures"]])
                self.assertIn("x;id.png" if name != "changed" else "upload farm", self.crypto[name]["message"]["text"])

    def test_the_roster_names_a_members_certificate(self):
        (signature,) = self.crypto["bob"]["crypto"]["signatures"]
        self.assertEqual(("good", "all"), (signature["status"], signature["covers"]))
        self.host.put(self.bobs)
        self.site.once()
        self.assertEqual("bob@acme.test", self.site.ticket("SEC-2026-0001")["owner"])

    def test_enveloped_mail_is_told_for_what_it_is(self):
        crypto = self.crypto["enveloped"]["crypto"]
        self.assertEqual((True, "smime", False, "unsupported"),
                         (crypto["encrypted"], crypto["protocol"], crypto["decrypted"], crypto["error"]))
        (answer,) = self.host.inbox("rae@lab.test")
        self.assertEqual("acknowledgement", answer["X-Tocsin-Mail"])
        self.assertIn("encrypted (smime) and not opened", self.host.inbox("bob@acme.test")[0].text)


class AsksForOurKey(live.Test):
    def test_it_comes_as_a_file(self):
        house, rae = keys.Person("ACME Security", "security@acme.test"), keys.Person("Rae Lindqvist", "rae@lab.test")
        site = self.new_site()
        openpgp(site, house)
        self.host.put(mails.mail(subject="A hole in your portal", text="Could you send me your PGP key, please?\n"))
        site.once()
        (answer,) = self.host.inbox("rae@lab.test")
        (part,) = [part for part in answer.message.walk() if part.get_content_type() == "application/pgp-keys"]
        rae.gpg("--import", data=part.get_payload(decode=True))
        self.assertTrue(rae.verifies(answer))


if __name__ == "__main__":
    live.main()
