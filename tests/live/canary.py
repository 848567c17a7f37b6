#!/usr/bin/env python3
"""Does a word of an encrypted report stand anywhere in the clear afterwards?"""
import base64
import bz2
import pathlib
import re
import subprocess
import sys
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
from openpgp import openpgp

WORDS = {"subject": "Quokkafalter", "body": "Ziegenmelkerpfad", "name": "wiedehopf-exploit", "file": "Blauracke-Nest-4711"}


def shapes(word):
    """The word as it would be found in the clear or in base64, at each of the three places in a group."""
    raw = word.encode()
    yield raw
    yield raw.lower()
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        yield text[(shift * 8 + 5) // 6 + (1 if shift else 0):(shift + len(raw)) * 8 // 6 - 1]


SHAPES = [(what, shape) for what, word in WORDS.items() for shape in shapes(word)]
COMPRESSED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|BZh[1-9]1AY")


def unpacked(data):
    """What lies in the compressed streams that begin anywhere in the bytes, as far as it can be had."""
    for found in COMPRESSED.finditer(data):
        stream = bz2.BZ2Decompressor() if found.group().startswith(b"BZh") else zlib.decompressobj(47)
        try:
            yield stream.decompress(data[found.start():found.start() + (1 << 20)], 1 << 20)
        except (OSError, ValueError, EOFError, zlib.error):
            continue


def finds(data):
    """What of the report can be read in the bytes."""
    return {what for piece in [data, *unpacked(data)] for what, shape in SHAPES if shape in piece}


class NothingIsLeft(live.Story):
    @classmethod
    def tell(cls, host, site):
        cls.house = keys.Person("ACME Security", "security@acme.test")
        cls.alice = keys.Person("Alice", "alice@acme.test")
        rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        cls.house.take(cls.alice)
        cls.alice.take(cls.house)
        openpgp(site, cls.house, [cls.alice])
        text = f"Remote code execution behind the {WORDS['body']}. https://portal.acme.test/{WORDS['body']}\n"
        mail = rae.encrypted(text, cls.house, subject="...", protected=WORDS["subject"] + " in the login", sign=True,
                             attachments=[(WORDS["name"] + ".py", "text/x-python", WORDS["file"].encode() * 3)])
        broken = mail[:len(mail) * 2 // 3]
        environments = []
        cls.begun = site.config
        with site.daemon() as daemon:
            host.put(mail)
            host.put(broken)
            live.wait_until(lambda: len(host.inbox("rae@lab.test")) == 2, "both were answered", 40)
            live.wait_until(lambda: len(host.inbox("bob@acme.test")) == 2, "the team was told", 40)
            for pid in daemon.family():
                try:
                    environments.append(pathlib.Path(f"/proc/{pid}/environ").read_bytes())
                except OSError:
                    pass
        cls.environments = environments
        cls.places = [site.state, cls.house.path, site.log]

    def files(self):
        for place in self.places:
            yield from ([place] if place.is_file() else (path for path in place.rglob("*") if path.is_file()))

    def test_the_search_finds_what_is_there(self):
        text = f"xx {WORDS['body']} yy".encode()
        for hidden in (text, base64.b64encode(b"a" + text), b"junk" + zlib.compress(text), bz2.compress(b"," + base64.b64encode(text))):
            self.assertEqual({"body"}, finds(hidden))

    def test_in_no_file_of_the_daemon(self):
        looked_at = 0
        for path in self.files():
            looked_at += 1
            self.assertEqual(set(), finds(path.read_bytes()), path)
        self.assertGreater(looked_at, 5)

    def test_in_no_temporary_file(self):
        words = [part for word in WORDS.values() for part in ("-e", word)]
        found = subprocess.run(["find", "/tmp", "/var/tmp", "-maxdepth", "3", "-newer", self.begun, "-type", "f", "(", "-name",
                                "*tocsin*", "-o", "-name", "core*", "-o", "-name", "gpg*", ")", "-exec", "grep", "-lsa", *words,
                                "{}", "+"], capture_output=True, text=True, check=False).stdout.split()
        self.assertEqual([], found)

    def test_in_no_unencrypted_mail(self):
        for address in ("rae@lab.test", "bob@acme.test", "alice@acme.test"):
            for letter in self.host.inbox(address):
                self.assertEqual(set(), finds(letter.raw) | finds(letter.text.encode()))

    def test_in_no_environment(self):
        self.assertTrue(self.environments)
        for environment in self.environments:
            for word in WORDS.values():
                self.assertNotIn(word.encode(), environment)

    def test_there_is_no_core(self):
        for place in self.places:
            self.assertEqual([], [path for path in place.rglob("core*")] if place.is_dir() else [])

    def test_the_member_with_a_key_reads_all_of_it(self):
        texts = []
        for letter in self.host.inbox("alice@acme.test"):
            if letter.message.get_content_type() != "multipart/encrypted":
                continue
            inside = self.alice.opens(letter)
            texts.append("".join(part.get_content() for part in inside.walk() if part.get_content_type() == "text/plain"))
        self.assertTrue(any(WORDS["body"] in text and WORDS["name"] in text and WORDS["subject"] in text for text in texts), texts)


if __name__ == "__main__":
    live.main()
