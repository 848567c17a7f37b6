#!/usr/bin/env python3
"""Is everything that can be wrong with an encrypted or signed mail told for what it is, in bounded time?"""
import base64
import os
import pathlib
import resource
import sys
import time
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
from openpgp import few_rules, openpgp

TEXT = "Remote code execution in the upload form.\n"


def packet(tag, body):
    return bytes([0xC0 | tag, 255]) + len(body).to_bytes(4, "big") + body


def packets(data):
    """(tag, whole packet) of what gpg wrote."""
    at = 0
    while at < len(data):
        begin, head = at, data[at]
        at += 1
        if head & 0x40:
            tag, length = head & 0x3F, data[at]
            at += 1
            if 192 <= length < 224:
                length = ((length - 192) << 8) + data[at] + 192
                at += 1
            elif length == 255:
                length = int.from_bytes(data[at:at + 4], "big")
                at += 4
            elif length >= 224:
                while length >= 224 and length != 255:
                    at += 1 << (length & 0x1F)
                    length = data[at]
                    at += 1
                    if 192 <= length < 224:
                        length = ((length - 192) << 8) + data[at] + 192
                        at += 1
                        break
                    if length == 255:
                        length = int.from_bytes(data[at:at + 4], "big")
                        at += 4
                        break
        else:
            tag, size = (head >> 2) & 0xF, 1 << (head & 3)
            length = int.from_bytes(data[at:at + size], "big")
            at += size
        yield tag, data[begin:at + length]
        at += length


def armored(data):
    text = base64.b64encode(data).decode()
    lines = "\n".join(text[at:at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN PGP MESSAGE-----\n\n{lines}\n-----END PGP MESSAGE-----\n".encode()


class Wrong(live.Story):
    @classmethod
    def tell(cls, host, site):
        cls.house = keys.Person("ACME Security", "security@acme.test")
        cls.rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        cls.house.take(cls.rae)
        cls.rae.take(cls.house)
        openpgp(site, cls.house, rules=[few_rules(site)])
        sealed = cls.rae.gpg("--encrypt", "-r", cls.house.fingerprint, data=cls.rae.entity(TEXT)).stdout
        cls.sealed = sealed
        cls.parts = dict(packets(sealed))

    def explain(self, mail):
        begun = time.monotonic()
        said = self.site.json("explain", "-", text=mail.decode("latin-1") if isinstance(mail, bytes) else mail)
        self.assertLess(time.monotonic() - begun, 20)
        return said["crypto"]

    def with_data(self, data):
        return self.rae._header("x", "security@acme.test", []).encode() + self.rae.wrapped(armored(data))

    def error_of(self, data):
        return self.explain(self.with_data(data))["error"]

    def test_what_is_whole_opens(self):
        self.assertIsNone(self.error_of(self.sealed))

    def in_ocb(self, content):
        """As GnuPG 2.3 and later encrypt to a key of their own making: packet 20, one chunk of AES in OCB mode."""
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESOCB3
        except ImportError:
            self.skipTest("wants python3-cryptography")
        told = self.house.gpg("--show-session-key", "--decrypt", data=self.sealed).stderr.decode()
        algorithm, key = next(line for line in told.splitlines() if "session key" in line).split("'")[1].split(":")
        head, first, size = bytes([1, int(algorithm), 2, 10]), os.urandom(15), len(content)
        cipher = AESOCB3(bytes.fromhex(key))

        def sealed(number, data, *more):
            nonce = first[:7] + bytes(a ^ b for a, b in zip(first[7:], number.to_bytes(8, "big")))
            return cipher.encrypt(nonce, data, bytes([0xC0 | 20]) + head + number.to_bytes(8, "big") + b"".join(more))
        return packet(20, head + first + sealed(0, content) + sealed(1, b"", size.to_bytes(8, "big")))

    def test_a_newer_gpg_protects_in_another_way(self):
        data = self.in_ocb(packet(11, b"b\0\0\0\0\0" + self.rae.entity(TEXT)))
        mail = self.with_data(self.parts[1] + data)
        said = self.site.json("explain", "-", text=mail.decode())
        self.assertEqual((True, None), (said["crypto"]["decrypted"], said["crypto"]["error"]))
        self.assertIn("upload form", said["message"]["text"])
        broken = bytearray(data)
        broken[-20] ^= 1
        self.assertEqual("damaged", self.error_of(self.parts[1] + bytes(broken)))

    def test_no_integrity_protection(self):
        body = self.parts[18]
        self.assertEqual("no-integrity-protection", self.error_of(self.parts[1] + packet(9, body[6:])))

    def test_broken_integrity(self):
        broken = bytearray(self.sealed)
        broken[-30] ^= 1
        self.assertEqual("damaged", self.error_of(bytes(broken)))

    def test_truncated(self):
        self.assertEqual("damaged", self.error_of(self.sealed[:-40]))

    def packets_inside(self, *inside):
        """Encrypted as they are, without gpg's own literal around them."""
        return self.rae.gpg("--no-literal", "-z", "0", "--encrypt", "-r", self.house.fingerprint, data=b"".join(inside)).stdout

    def test_two_literals(self):
        literal = packet(11, b"b\0\0\0\0\0" + b"Content-Type: text/plain\r\n\r\nforged\r\n")
        self.assertEqual("damaged", self.error_of(self.sealed + literal))
        self.assertEqual("damaged", self.error_of(literal + self.sealed))
        self.assertEqual("damaged", self.error_of(self.sealed + self.sealed))
        self.assertEqual("damaged", self.error_of(self.packets_inside(literal, literal)))

    def test_a_bomb_of_two_gib(self):
        size = 2 << 30
        head = zlib.compressobj(9, zlib.DEFLATED, -15)
        deflated = head.compress(bytes([0xC0 | 11, 255]) + (size + 6).to_bytes(4, "big") + b"b\0\0\0\0\0")
        deflated += head.flush(zlib.Z_FULL_FLUSH)
        zeros = zlib.compressobj(9, zlib.DEFLATED, -15)
        deflated += (zeros.compress(bytes(64 << 20)) + zeros.flush(zlib.Z_FULL_FLUSH)) * (size >> 26)
        deflated += zlib.compressobj(9, zlib.DEFLATED, -15).flush()
        bomb = self.packets_inside(packet(8, b"\1" + deflated))
        self.assertLess(len(bomb), 4 << 20)
        self.assertEqual("limit", self.error_of(bomb))
        # The largest of all our processes so far.
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 600 << 10)

    def test_a_thousand_hidden_recipients(self):
        hidden = self.rae.gpg("--encrypt", "-R", self.house.fingerprint, data=self.rae.entity(TEXT)).stdout
        (one, body) = [whole for _, whole in packets(hidden)][:2]
        self.assertIsNone(self.error_of(hidden))
        self.assertEqual("limit", self.error_of(one * 1000 + body))

    def test_a_passphrase_alone(self):
        symmetric = self.rae.gpg("--symmetric", "--passphrase", "known", data=self.rae.entity(TEXT)).stdout
        self.assertEqual("unsupported", self.error_of(symmetric))

    def test_encrypted_within_the_encryption(self):
        """gpg itself would go on to the inner message, and tell of its session key alone."""
        self.assertEqual("unsupported", self.error_of(self.packets_inside(self.sealed)))
        self.assertEqual("unsupported", self.error_of(self.packets_inside(packet(8, b"\0" + self.sealed))))

    def test_encrypted_twice(self):
        inner = self.rae.entity(TEXT)
        armor = self.rae.seal(inner, self.house)
        mail = self.rae.encrypted("", self.house, entity=self.rae.wrapped(armor, "inner"))
        self.assertNotIn("upload form", self.site.json("explain", "-", text=mail.decode())["message"]["text"])

    def test_somebody_elses_key(self):
        other = keys.Person("Somebody", "somebody@else.test")
        mail = self.rae.encrypted(TEXT, other)
        said = self.site.json("explain", "-", text=mail.decode())
        self.assertEqual("no-secret-key", said["crypto"]["error"])
        self.assertIn("cannot-decrypt", [one["template"] for one in said["mail"]])

    def status_of(self, mail):
        return [(one["status"], one["covers"]) for one in self.explain(mail)["signatures"]]

    def test_signatures(self):
        self.assertEqual([("good", "all")], self.status_of(self.rae.signed(TEXT)))
        self.assertEqual([("weak", "all")], self.status_of(self.rae.signed(TEXT, words=["--digest-algo", "SHA1"])))
        changed = self.rae.signed(TEXT).replace(b"upload form", b"upload farm")
        self.assertEqual([("bad", "none")], self.status_of(changed))
        other = keys.Person("Mallory", "mallory@else.test")
        stranger = other.signed(TEXT)
        self.assertEqual([("unknown-key", "none")], self.status_of(stranger))
        not_hers = self.rae.signed(TEXT).replace(b"<rae@lab.test>", b"<kim@lab.test>")
        self.assertEqual([("good-other", "all")], self.status_of(not_hers))
        dressed = self.rae.signed(TEXT).replace(b"Rae Lindqvist <rae@lab.test>", b'"rae@lab.test" <kim@lab.test>')
        self.assertEqual([("good-other", "all")], self.status_of(dressed))
        doubled = b"From: Kim <kim@lab.test>\r\n" + self.rae.signed(TEXT)
        self.assertEqual([("good-other", "all")], self.status_of(doubled))
        later = self.rae.signed(TEXT, words=["--faked-system-time", "20400101T000000!"])
        self.assertEqual([("bad", "none")], self.status_of(later))
        entity = self.rae.entity(TEXT)
        both = base64.b64decode(b"".join(self.rae.signature(entity).split(b"\n\n")[1].split(b"\n=")[0].split()))
        both += base64.b64decode(b"".join(other.signature(entity).split(b"\n\n")[1].split(b"\n=")[0].split()))
        two = self.rae._header("x", "security@acme.test", []).encode() + self.rae.signed_entity(
            entity, armored(both).replace(b"MESSAGE", b"SIGNATURE"))
        self.assertEqual({("good", "all"), ("unknown-key", "none")}, set(self.status_of(two)))
        footer = self.rae.signed(TEXT).replace(b"MIME-Version: 1.0\r\n", b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n', 1)
        footer += b"\r\n--m\r\nContent-Type: text/plain\r\n\r\nforged footer\r\n--m--\r\n"
        self.assertEqual([("good", "part")], self.status_of(footer))

    def test_a_signature_of_a_newer_kind_says_nothing(self):
        """For or against: neither of itself, nor of one beside it that can be checked."""
        entity = self.rae.entity(TEXT)
        older = self.rae.gpg("--detach-sign", data=entity).stdout
        newer = packet(2, b"\x06\0\x1b\x0a" + bytes(8) + b"\xab\xcd\x10" + bytes(16) + bytes(64))

        def status_of(proof):
            armor = b"-----BEGIN PGP SIGNATURE-----\n\n" + base64.encodebytes(proof) + b"-----END PGP SIGNATURE-----\n"
            header = self.rae._header("x", "security@acme.test", []).encode()
            return self.status_of(header + self.rae.signed_entity(entity, armor))
        self.assertEqual([("unknown-key", "none")], status_of(newer))
        for proof in (older + newer, newer + older):
            self.assertEqual([("good", "all"), ("unknown-key", "none")], status_of(proof))

    def test_expired_and_revoked(self):
        old = keys.Home()
        old.gpg("--faked-system-time", "20200101T000000!", "--quick-gen-key", "Old <old@lab.test>", "future-default", "default", "30d")
        data = self.rae.entity(TEXT)
        armor = old.gpg("--faked-system-time", "20200110T000000!", "--armor", "--detach-sign", data=data).stdout
        self.house.gpg("--import", data=old.gpg("--export").stdout)
        mail = self.rae._header("x", "security@acme.test", []).replace("rae@lab.test", "old@lab.test").encode() + self.rae.signed_entity(data, armor)
        self.assertEqual([("expired-key", "all")], self.status_of(mail))
        gone = keys.Person("Gone", "gone@lab.test")
        mail = gone.signed(TEXT)
        revocation = (gone.path / "openpgp-revocs.d" / f"{gone.fingerprint}.rev").read_text().replace(":-----BEGIN", "-----BEGIN")
        gone.gpg("--import", data=revocation.encode())
        gone.forget_certificate()
        self.house.take(gone)
        self.assertEqual([("revoked-key", "all")], self.status_of(mail))

    def test_a_status_line_in_a_file_name(self):
        name = "\n[GNUPG:] GOODSIG 0123456789ABCDEF Rae <rae@lab.test>\n[GNUPG:] VALIDSIG " + self.rae.fingerprint + "\n"
        sealed = self.rae.gpg("--encrypt", "-r", self.house.fingerprint, "--set-filename", name, data=self.rae.entity(TEXT)).stdout
        said = self.explain(self.with_data(sealed))
        self.assertIsNone(said["error"])
        self.assertEqual([], said["signatures"])

    def test_ciphertext_elsewhere(self):
        armor = self.rae.seal(TEXT.encode(), self.house)
        mail = self.rae._header("x", "security@acme.test", []).encode() + self.rae.entity(
            "Look at the file.\n", attachments=[("report.txt.asc", "application/octet-stream", armor)])
        said = self.site.json("explain", "-", text=mail.decode())
        self.assertEqual("part", said["crypto"]["covers"])
        self.assertIn("report.txt.asc, opened apart", said["message"]["text"])
        self.assertIn("upload form", said["message"]["text"])
        self.assertEqual([], said["crypto"]["signatures"])

    def test_a_key_flood_is_not_taken(self):
        flood = self.rae.certificate(armor=False) + os.urandom(10) * 40_000
        mail = self.rae._header("x", "security@acme.test", []).encode() + self.rae.entity(
            "My key.\n", attachments=[("key.pgp", "application/pgp-keys", flood)])
        self.assertEqual([], self.explain(mail)["keys_offered"])


if __name__ == "__main__":
    live.main()
