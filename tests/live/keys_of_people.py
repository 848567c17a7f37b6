#!/usr/bin/env python3
"""Do the verbs for keys do what they say, and do the daemon's alarms about keys come when they should?"""
import datetime
import os
import pathlib
import stat
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
import mails
from bad_crypto import packets
from openpgp import few_rules, openpgp
from resent import text_inside
from waiting import wait_until

REPORT = "The export job of the portal runs whatever stands in the file name, as root.\n"


class OurKey(live.Test):
    def test_is_made_looked_at_and_given_out(self):
        site = self.new_site()
        home = pathlib.Path(keys.Home().path) / "gnupg"
        (site.folder / "phrase").write_text("four words and more\n")
        (site.folder / "phrase").chmod(0o600)
        site.configure(more=f'\n[openpgp]\nhome = "{home}"\nkey = "security@acme.test"\n'
                            f'passphrase = {{ file = "{site.folder}/phrase" }}\n')
        missing = site.run("--check")
        self.assertEqual(78, missing.returncode)
        self.assertRegex(missing.stderr, r"tocsin\.toml:\d+:\d+: error: .*tocsinctl key init")
        made = site.json("key", "init", "--expires", "100 days")
        self.assertEqual(0o700, stat.S_IMODE(home.stat().st_mode))
        again = site.ctl("key", "init")
        self.assertNotEqual(0, again.returncode, "there is one already")
        self.assertIn("key init --another", again.stderr)
        told = site.json("key", "export")
        self.assertEqual((made["fingerprint"], True), (told["fingerprint"], told["armored"].startswith("-----BEGIN PGP PUBLIC")))
        (row,) = site.json("key", "list")["keys"]
        self.assertEqual((made["fingerprint"], "ours", "usable"), (row["fingerprint"], row["role"], row["state"]))
        rae, alice = keys.Person("Rae Lindqvist", "rae@lab.test"), keys.Person("Alice", "alice@acme.test")
        exported = site.ctl("key", "export").stdout
        rae.gpg("--import", data=exported.encode())
        alice.gpg("--import", data=exported.encode())
        checked = site.run("--check")
        self.assertEqual(0, checked.returncode, checked.stderr)
        self.assertIn("nobody could read an encrypted report", checked.stderr)
        (site.folder / "alice.asc").write_bytes(alice.certificate())
        self.assertEqual(0, site.ctl("key", "import", site.folder / "alice.asc").returncode)
        site.config.write_text(site.config.read_text().replace(
            'address = "alice@acme.test"', f'address = "alice@acme.test"\nkey = "{alice.fingerprint}"'))
        checked = site.run("--check")
        self.assertNotIn("nobody could read", checked.stderr)
        self.assertRegex(checked.stderr, r"tocsin\.toml:\d+:\d+: warning: Bob has no key")
        self.host.put(rae.encrypted(REPORT, made["fingerprint"], subject="with a passphrase"))
        site.once()
        self.assertTrue(site.only_ticket()["examination"]["crypto"]["decrypted"])
        (answer,) = self.host.inbox("rae@lab.test")
        self.assertTrue(rae.verifies(answer))
        self.ends(site, made["fingerprint"])

    def test_another_one_stands_beside_it(self):
        site = self.new_site()
        site.configure(more=f'\n[openpgp]\nhome = "{keys.Home().path}/gnupg"\nkey = "security@acme.test"\n')
        first = site.json("key", "init")["fingerprint"]
        second = site.json("key", "init", "--another")["fingerprint"]
        listed = {row["fingerprint"]: row["role"] for row in site.json("key", "list")["keys"]}
        self.assertEqual({first: "ours", second: "ours"}, listed)

    def test_a_revocation_by_itself_is_taken_in(self):
        rae, house = keys.Person("Rae Lindqvist", "rae@lab.test"), keys.Person("ACME Security", "security@acme.test")
        site = self.new_site()
        openpgp(site, house)
        (site.folder / "rae.asc").write_bytes(rae.certificate())
        self.assertEqual(0, site.ctl("key", "import", site.folder / "rae.asc").returncode)
        (written,) = (rae.path / "openpgp-revocs.d").glob("*.rev")
        (site.folder / "revoked.asc").write_text(written.read_text().replace(":-----BEGIN", "-----BEGIN"))
        taken = site.ctl("key", "import", site.folder / "revoked.asc")
        self.assertEqual((0, f"Revoked, and used no more: the key {rae.fingerprint}\n"), (taken.returncode, taken.stdout), taken.stderr)
        states = [row["state"] for row in site.json("key", "list")["keys"] if row["fingerprint"] == rae.fingerprint]
        self.assertIn("revoked", states)
        again = site.ctl("key", "import", site.folder / "revoked.asc")
        self.assertNotEqual(70, again.returncode)

    def ends(self, site, fingerprint):
        """The alarms of a key that has a hundred days."""
        before = len([letter for letter in self.host.inbox("bob@acme.test") if "expires on" in letter.text])
        today = datetime.datetime.now(datetime.timezone.utc)

        def told(days):
            site.once("--now", (today + datetime.timedelta(days=days)).strftime("%Y-%m-%dT10:00:00Z"))
            return len([letter for letter in self.host.inbox("bob@acme.test")
                        if fingerprint in letter.text and "expires on" in letter.text])
        self.assertEqual([0, 1, 1, 2, 3], [before] + [told(days) for days in (42, 50, 72, 95)])
        (key,) = site.json("status")["keys"]
        self.assertEqual((fingerprint, "ours"), (key["fingerprint"], key["whose"]))


class OurKeyHasEnded(live.Test):
    def test_the_team_hears_why_nothing_goes_out_and_all_goes_out_once_it_lasts(self):
        site = self.new_site()
        house = keys.Home()
        house.gpg("--faked-system-time", "20261101T000000!", "--quick-gen-key", "ACME Security <security@acme.test>",
                  "default", "default", "10d")
        (fingerprint, *_) = [line.split(":")[9] for line in house.gpg("--list-keys", "--with-colons").stdout.decode().splitlines()
                             if line.startswith("fpr:")]
        site.configure(more=f'\n[openpgp]\nhome = "{house.path}"\nkey = "security@acme.test"\n')
        checked = site.run("--check")
        self.assertEqual(78, checked.returncode)
        self.assertIn("has ended or is revoked", checked.stderr)
        self.host.send(mails.critical_report())
        site.run("--once")
        self.assertEqual("new", site.only_ticket()["state"], "it is kept")
        self.assertEqual([], self.host.inbox("rae@lab.test"))
        (alarm,) = self.host.inbox("bob@acme.test")
        self.assertIn("has expired on 2026-11-11", alarm.text)
        self.assertIn(f"--quick-set-expire {fingerprint} 2y", alarm.text)
        self.assertEqual([(fingerprint, "ours")], [(key["fingerprint"], key["whose"]) for key in site.json("status")["keys"]])
        house.gpg("--quick-set-expire", fingerprint, "2y")
        site.once()
        self.assertEqual(["acknowledgement"], [one["X-Tocsin-Mail"] for one in self.host.inbox("rae@lab.test")])
        self.assertEqual(["alarm", "notice"], [one["X-Tocsin-Mail"] for one in self.host.inbox("bob@acme.test")])


class KeysOfOthers(live.Story):
    @classmethod
    def tell(cls, host, site):
        cls.house = keys.Person("ACME Security", "security@acme.test")
        cls.old = keys.Person("ACME Security before", "security@acme.test")
        cls.alice = keys.Person("Alice", "alice@acme.test")
        cls.rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        cls.kim, cls.kim2 = keys.Person("Kim", "kim@lab.test"), keys.Person("Kim later", "kim@lab.test")
        cls.house.take(cls.alice)
        for person in (cls.rae, cls.kim, cls.kim2, cls.alice):
            person.take(cls.house)
        openpgp(site, cls.house, [cls.alice])
        alone = lambda address: host.inbox(address)[-1]

        # A report to a key that is not here any more, and the key's return.
        host.put(cls.rae.encrypted(REPORT, cls.old, subject="to the old key"))
        host.put(cls.kim.encrypted(REPORT, cls.house, subject="first key", more=[("Autocrypt", cls.kim.autocrypt())]))
        site.once()
        cls.foreign_answer = alone("rae@lab.test")
        cls.shown = {title: site.ticket(cls.number(site, title))["examination"]["mail"][0]
                     for title in ("to the old key", "first key")}
        cls.first_answer = alone("kim@lab.test")
        seen = len(host.inbox("alice@acme.test"))
        (site.folder / "old.asc").write_bytes(cls.old.gpg("--armor", "--export-secret-keys", cls.old.fingerprint).stdout)
        cls.imported = site.json("key", "import", site.folder / "old.asc")
        host.put(cls.kim2.encrypted(REPORT, cls.house, subject="second key", more=[("Autocrypt", cls.kim2.autocrypt())]))
        site.once()
        cls.after_import = host.inbox("alice@acme.test")[seen:]
        cls.second_answer = alone("kim@lab.test")
        cls.listed = site.json("key", "list")["keys"]

        # The other key is accepted, by hand or by a member.
        notice = next(one for one in cls.after_import if cls.number(site, "second key") in one["Subject"])
        cls.notice = notice
        seen = len(host.inbox("alice@acme.test"))
        number = cls.number(site, "second key")
        for fingerprint in ("0" * 40, cls.kim2.fingerprint):
            host.put(cls.alice.signed(f"/accept-key {fingerprint}\n/note\n{number}: by telephone.\n", subject="Re: key",
                                      answers=notice.message_id))
        site.once()
        cls.accepting = [text_inside(cls.alice, letter) for letter in host.inbox("alice@acme.test")[seen:]
                         if letter["X-Tocsin-Mail"] == "transcript"]
        host.put(cls.kim2.encrypted(REPORT, cls.house, subject="third"))
        site.once()
        cls.third_answer = alone("kim@lab.test")
        cls.accepted_again = site.ctl("key", "accept", cls.kim.fingerprint)
        host.put(cls.kim2.encrypted(REPORT, cls.house, subject="fourth"))
        site.once()
        cls.fourth_answer = alone("kim@lab.test")
        cls.exported = site.ctl("key", "export", "kim@lab.test")
        cls.retired = site.json("key", "retire", cls.kim.fingerprint)
        host.put(cls.kim2.encrypted(REPORT, cls.house, subject="fifth"))
        site.once()
        cls.fifth_answer = alone("kim@lab.test")

    @staticmethod
    def number(site, title):
        return next(row["number"] for row in site.tickets() if row["title"] == title)

    def test_a_foreign_key_is_named_and_ours_attached(self):
        self.assertEqual("cannot-decrypt", self.foreign_answer["X-Tocsin-Mail"])
        text = self.foreign_answer.text.replace(" ", "")
        self.assertIn(self.house.fingerprint, text)
        parts = [part for part in self.foreign_answer.message.walk() if part.get_content_type() == "application/pgp-keys"]
        self.assertEqual(1, len(parts))
        taken = keys.Home().gpg("--show-keys", "--with-colons", data=parts[0].get_payload(decode=True)).stdout.decode()
        self.assertIn(self.house.fingerprint, taken)

    def test_it_is_opened_by_itself_when_the_key_is_back(self):
        self.assertTrue(self.imported["imported"][0]["secret"])
        number = self.number(self.site, "to the old key")
        (notice,) = [one for one in self.after_import if number in one["Subject"]]
        text = text_inside(self.alice, notice)
        self.assertIn("now it could", " ".join(text.split()))
        self.assertIn("export job", text)
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")), "nobody outside hears of it")

    def test_what_was_answered_is_shown_as_it_was(self):
        said = {title: (mail["template"], mail["encrypted"], mail["signed"]) for title, mail in self.shown.items()}
        self.assertEqual({"to the old key": ("cannot-decrypt", False, True), "first key": ("acknowledgement", True, True)}, said)

    def test_the_first_key_of_an_address_is_taken(self):
        self.assertIn("Your report reached", self.kim.opens(self.first_answer).get_content())

    def test_another_one_replaces_nothing_and_is_told(self):
        self.assertIn("Your report reached", self.kim.opens(self.second_answer).get_content())
        text = text_inside(self.alice, self.notice)
        text = "".join(text.split())
        self.assertIn("ALARM", text)
        for key in (self.kim, self.kim2):
            self.assertIn(key.fingerprint, text)
        self.assertIn("tocsinctlkeyaccept" + self.kim2.fingerprint, text)
        states = {row["fingerprint"]: row["state"] for row in self.listed if row["role"].startswith("reporter")}
        self.assertEqual({self.kim.fingerprint: "bound", self.kim2.fingerprint: "proposed"}, states)

    def test_a_member_accepts_it(self):
        # In whichever order the two transcripts arrived.
        told = sorted((" ".join(text.split()) for text in self.accepting), key=lambda text: "0" * 40 in text)
        self.assertEqual(2, len(told))
        self.assertIn("this is the reporter's key", told[0])
        self.assertIn("no such key was offered", told[1])
        self.assertIn("Your report reached", self.kim2.opens(self.third_answer).get_content())

    def test_an_administrator_accepts_and_retires(self):
        self.assertEqual(0, self.accepted_again.returncode, self.accepted_again.stderr)
        self.assertIn("Your report reached", self.kim.opens(self.fourth_answer).get_content())
        self.assertEqual({"fingerprint": self.kim.fingerprint, "state": "retired"}, self.retired)
        self.assertIn("BEGIN PGP PUBLIC KEY BLOCK", self.exported.stdout, self.exported.stderr)
        self.assertEqual("multipart/signed", self.fifth_answer.message.get_content_type())


# What gpg keeps in a keyring behind a signature (a trust packet): that nobody checked it, and that it holds.
UNCHECKED, HOLDS = (bytes([0xB0, 6, 0, seen]) + b"gpg\0" for seen in (0, 3))


def without_self_signatures(certificate):
    """The primary key and its first user id, and nothing that shows that they belong together."""
    return b"".join(whole for tag, whole in packets(certificate) if tag in (6, 13))


class TheKeyringThatMailIsReadWith(live.Test):
    def read_with(self, house):
        """The keyring while the daemon runs, and what it makes of a mail."""
        site = self.new_site()
        openpgp(site, house, rules=[few_rules(site)])
        rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        self.host.put(rae.encrypted(REPORT, house, subject="read it"))
        with site.daemon():
            wait_until(lambda: site.database.exists() and site.settled() and site.tickets(), "it was read")
            (keyring,) = house.path.glob("keyring/*-*/pubring.kbx")
            content = keyring.read_bytes()
        self.assertTrue(site.ticket(site.tickets()[-1]["number"])["examination"]["crypto"]["decrypted"])
        return content

    def test_its_self_signatures_were_checked_once(self):
        house = keys.Person("ACME Security", "security@acme.test")
        self.assertIn(UNCHECKED, (house.path / "pubring.kbx").read_bytes(), "where a key is made nobody has checked it")
        content = self.read_with(house)
        self.assertNotIn(UNCHECKED, content)
        self.assertIn(HOLDS, content)

    def test_what_gpg_would_not_take_in_leaves_it_as_it_was(self):
        house = keys.Person("ACME Security", "security@acme.test")
        bare = without_self_signatures(keys.Person("Old Key", "old@acme.test").certificate(armor=False))
        house.gpg("--allow-non-selfsigned-uid", "--import", data=bare)
        self.assertIn(b"Old Key <old@acme.test>", self.read_with(house))


class AKeyThatSaysItWasChecked(live.Test):
    def test_is_checked_all_the_same(self):
        site, mia = self.new_site(), keys.Person("Mia", "mia@lab.test")
        openpgp(site, keys.Person("ACME Security", "security@acme.test"), rules=[few_rules(site)])
        eve = list(packets(keys.Person("Eve", "eve@lab.test").certificate(armor=False)))
        key, name, proof, *rest = [whole for _, whole in eve]
        taken = name.replace(b"Eve <eve@lab.test>", b"Mia <mia@lab.test>")
        self.assertEqual([6, 13, 2], [tag for tag, _ in eve[:3]])
        self.assertNotEqual(name, taken)
        forged = key + taken + proof + HOLDS + b"".join(whole + HOLDS for whole in rest)
        for certificate, bound in ((forged, []), (mia.certificate(armor=False), [mia.fingerprint])):
            self.host.put(mia._header("my key", "security@acme.test", []).encode() + mia.entity(
                REPORT, attachments=[("key.pgp", "application/pgp-keys", certificate)]))
            site.once()
            self.assertEqual(bound, [row["fingerprint"] for row in site.json("key", "list")["keys"]
                                     if row["role"].startswith("reporter")])


class AFileWithSeveralKeys(live.Test):
    def offer(self, site, person, certificates):
        """What became of the keys, and what the team read, without its white space."""
        self.host.put(person._header("my keys", "security@acme.test", []).encode() + person.entity(
            REPORT, attachments=[("keys.pgp", "application/pgp-keys", certificates)]))
        site.once()
        states = {row["fingerprint"]: row["state"] for row in site.json("key", "list")["keys"]
                  if row["role"].startswith("reporter") and person.address in row["addresses"]}
        notice = [letter for letter in self.host.inbox("bob@acme.test") if letter["X-Tocsin-Mail"] == "notice"][-1]
        return states, "".join(notice.text.split())

    def test_is_looked_at_key_by_key(self):
        site = self.new_site()
        openpgp(site, keys.Person("ACME Security", "security@acme.test"), rules=[few_rules(site)])
        mia, eve = keys.Person("Mia", "mia@lab.test"), keys.Person("Eve", "eve@lab.test")
        states, read = self.offer(site, mia, eve.certificate(armor=False) + mia.certificate(armor=False))
        self.assertEqual({mia.fingerprint: "bound"}, states)
        self.assertIn("donotbearmia@lab.test:" + eve.fingerprint, read)
        zoe, newer = keys.Person("Zoe", "zoe@lab.test"), keys.Person("Zoe anew", "zoe@lab.test")
        states, read = self.offer(site, zoe, zoe.certificate() + newer.certificate())
        self.assertEqual({zoe.fingerprint: "proposed", newer.fingerprint: "proposed"}, states)
        self.assertIn("Nonewastaken", read)
        self.assertIn("/accept-key" + zoe.fingerprint, read)


if __name__ == "__main__":
    live.main()
