"""People with OpenPGP keys, and mail as their programs write it. GnuPG homes under short paths, ended with the test.
Making a key takes longest: whoever has the same name and address in several tests has the same key, made once a build.

    rae = Person("Rae Lindqvist", "rae@lab.test")
    mail = rae.encrypted(text, to=house, sign=True)
    rae.opens(letter)   # what she reads of a mail that came back
"""
import atexit
import base64
import email
import email.message
import email.policy
import email.utils
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

import mails

GPG = "/usr/bin/gpg"
CACHE = pathlib.Path(os.environ.get("TOCSIN_BUILD", tempfile.gettempdir())) / "test-keys"
POLICY = email.policy.SMTP.clone(max_line_length=200)


def run(home, *words, data=b"", check=True):
    done = subprocess.run([GPG, "--homedir", str(home), "--batch", "--no-tty", "--quiet", "--trust-model", "always",
                           "--pinentry-mode", "loopback", "--passphrase", "", *map(str, words)],
                          input=data, capture_output=True, timeout=60)
    if check and done.returncode:
        raise RuntimeError(f"gpg {' '.join(map(str, words))}: {done.stderr.decode(errors='replace')}")
    return done


class Home:
    def __init__(self, folder=None):
        self.path = pathlib.Path(folder or tempfile.mkdtemp(prefix="k-", dir="/tmp"))
        self.path.mkdir(mode=0o700, exist_ok=True)
        self._taken = set()
        atexit.register(self.end)

    def gpg(self, *words, data=b"", check=True):
        return run(self.path, *words, data=data, check=check)

    def take(self, *people):
        new = [person for person in people if person.fingerprint not in self._taken]
        if new:
            self.gpg("--import", data=b"".join(person.certificate(armor=False) for person in new))
            self._taken.update(person.fingerprint for person in new)

    def end(self):
        subprocess.run(["gpgconf", "--homedir", str(self.path), "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(self.path, ignore_errors=True)


class Person(Home):
    def __init__(self, name, address, folder=None, expires="never", passphrase=""):
        super().__init__(folder)
        self.name, self.address = name, address
        kept = CACHE / hashlib.sha256(f"{name} {address}".encode()).hexdigest()[:16]
        if expires == "never" and kept.is_dir():
            shutil.copytree(kept, self.path, dirs_exist_ok=True)
        else:
            self.gpg("--quick-gen-key", f"{name} <{address}>", "future-default", "default", expires)
            lines = self.gpg("--list-keys", "--with-colons").stdout.decode().splitlines()
            (self.path / "fingerprints").write_text("\n".join(line.split(":")[9] for line in lines if line.startswith("fpr:")))
            if expires == "never":
                self._keep_in(kept)
        self.fingerprints = (self.path / "fingerprints").read_text().split()
        self.fingerprint = self.fingerprints[0]
        self._certificate = None

    def _keep_in(self, kept):
        """For the next test: whole, or not at all."""
        CACHE.mkdir(parents=True, exist_ok=True)
        made = pathlib.Path(tempfile.mkdtemp(dir=CACHE))
        shutil.copytree(self.path, made, dirs_exist_ok=True, ignore=shutil.ignore_patterns("S.*", "*.lock", ".#*"))
        try:
            made.rename(kept)
        except OSError:  # another test was faster
            shutil.rmtree(made, ignore_errors=True)

    def certificate(self, armor=True):
        if self._certificate is None:
            self._certificate = self.gpg("--export", self.fingerprint).stdout
        if not armor:
            return self._certificate
        text = base64.b64encode(self._certificate).decode()
        lines = "\n".join(text[at:at + 64] for at in range(0, len(text), 64))
        return f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{lines}\n-----END PGP PUBLIC KEY BLOCK-----\n".encode()

    def forget_certificate(self):
        """It was changed in the home."""
        self._certificate = None

    def autocrypt(self):
        key = base64.b64encode(self.certificate(armor=False)).decode()
        return f"addr={self.address}; prefer-encrypt=mutual; keydata=" + "".join(
            "\r\n " + key[at:at + 76] for at in range(0, len(key), 76))

    # ---- making mail

    def seal(self, data, *to, sign=False, words=()):
        self.take(*[one for one in to if isinstance(one, Person)])
        names = [word for one in to for word in ("-r", getattr(one, "fingerprint", one))]
        return self.gpg("--armor", *(["--sign"] if sign else []), *words, "--encrypt", *names, data=data).stdout

    def signature(self, data, words=()):
        return self.gpg("--armor", "--detach-sign", *words, data=data).stdout

    def _header(self, subject, to, more, answers=None):
        identity = mails.message_id()
        lines = [f"From: {self.name} <{self.address}>", f"To: {to}", f"Subject: {subject}",
                 f"Date: {email.utils.formatdate()}", f"Message-ID: <{identity}>"]
        if answers:
            lines += [f"In-Reply-To: <{answers}>", f"References: <{answers}>"]
        return "\r\n".join(lines + [f"{name}: {value}" for name, value in more] + ["MIME-Version: 1.0"]) + "\r\n"

    @staticmethod
    def entity(text, protected=None, attachments=(), style="v1"):
        made = email.message.EmailMessage(policy=POLICY)
        made.set_content(text)
        for name, kind, content in attachments:
            main, _, sub = kind.partition("/")
            made.add_attachment(content, maintype=main, subtype=sub, filename=name)
        del made["MIME-Version"]
        if protected:
            made["Subject"] = protected
            if style == "v1":
                made.set_param("protected-headers", "v1")
            else:
                made.set_param("hp", "cipher")
        return made.as_bytes(policy=POLICY)

    @staticmethod
    def signed_entity(entity, armor, boundary="sig-boundary"):
        return (f'Content-Type: multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature";\r\n'
                f' boundary="{boundary}"\r\n\r\n--{boundary}\r\n').encode() + entity + (
                f"\r\n--{boundary}\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\n").encode() + \
            armor.replace(b"\n", b"\r\n") + f"\r\n--{boundary}--\r\n".encode()

    def signed(self, text, to="security@acme.test", subject="A signed report", more=(), answers=None, attachments=(),
               words=()):
        entity = self.entity(text, attachments=attachments)
        return self._header(subject, to, more, answers).encode() + self.signed_entity(entity, self.signature(entity, words))

    @staticmethod
    def wrapped(armor, boundary="enc-boundary"):
        return (f'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n boundary="{boundary}"\r\n\r\n'
                f"--{boundary}\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--{boundary}\r\n"
                f'Content-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n').encode() + \
            armor.replace(b"\n", b"\r\n") + f"\r\n--{boundary}--\r\n".encode()

    def encrypted(self, text, to, address="security@acme.test", subject="...", sign=False, protected=None, more=(),
                  attachments=(), style="v1", answers=None, nested=False, words=(), entity=None):
        """PGP/MIME; `nested`: signed inside by a multipart of its own, instead of together."""
        entity = entity or self.entity(text, protected, attachments, style)
        if nested:
            entity = self.signed_entity(entity, self.signature(entity))
        recipients = to if isinstance(to, (list, tuple)) else [to]
        armor = self.seal(entity, *recipients, sign=sign and not nested, words=words)
        return self._header(subject, address, more, answers).encode() + self.wrapped(armor)

    def mangled(self, text, to, subject="mangled", blank=b'Content-Type: text/plain; charset="us-ascii"\r\n\r\n',
                version=b"application/pgp-encrypted"):
        """As Exchange leaves it."""
        armor = self.seal(self.entity(text), to)
        return self._header(subject, "security@acme.test", []).encode() + (
            b'Content-Type: multipart/mixed; boundary="ex"\r\n\r\n--ex\r\n' + blank +
            b"\r\n--ex\r\nContent-Type: " + version + b"; name=\"PGPMIME version identification\"\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"Version: 1\r\n").replace(b"\n", b"\r\n") +
            b"\r\n--ex\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(armor).replace(b"\n", b"\r\n") +
            b"\r\n--ex--\r\n")

    def encrypted_then_signed(self, text, to, subject="encrypted-then-signed"):
        entity = self.wrapped(self.seal(self.entity(text), to))
        return self._header(subject, "security@acme.test", []).encode() + self.signed_entity(entity, self.signature(entity))

    def in_the_clear(self, body, subject):
        return self._header(subject, "security@acme.test", []).encode() + (
            b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + body.replace(b"\n", b"\r\n"))

    def inline(self, text, to, subject="inline"):
        armor = self.seal(text.encode(), to)
        return self._header(subject, "security@acme.test", []).encode() + (
            b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + armor.replace(b"\n", b"\r\n"))

    def inline_html(self, text, to, subject="inline-html"):
        """As a mail program that knows no plain text sends it, or a server that makes markup of it."""
        armor = self.seal(text.encode(), to).replace(b"\n", b"<br>\r\n")
        return self._header(subject, "security@acme.test", []).encode() + (
            b"Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><div>" + armor + b"</div></body></html>\r\n")

    # ---- reading what came

    def decrypt(self, armor):
        """(what lay inside, whether it was signed well, gpg's status lines)"""
        done = self.gpg("--status-fd", "2", "--decrypt", data=armor, check=False)
        status = done.stderr.decode(errors="replace")
        return done.stdout, "GOODSIG" in status, status

    def opens(self, letter):
        """The entity inside an encrypted mail, as a message; fails where it cannot be opened."""
        parts = list(letter.message.iter_parts())
        inside, signed, status = self.decrypt(parts[1].get_content() if isinstance(parts[1].get_content(), bytes)
                                              else parts[1].get_content().encode())
        if "DECRYPTION_OKAY" not in status:
            raise AssertionError(f"{self.address} cannot open it: {status}")
        made = email.message_from_bytes(inside, policy=email.policy.default)
        made.was_signed = signed
        return made

    def verifies(self, letter):
        """Whether a multipart/signed mail holds, byte for byte as it was sent."""
        raw = letter.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        boundary = letter.message.get_boundary().encode()
        first = raw.split(b"\r\n--" + boundary + b"\r\n")
        content, proof = first[1], first[2].split(b"\r\n\r\n", 1)[1].split(b"\r\n--" + boundary)[0]
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            (pathlib.Path(folder) / "s").write_bytes(proof)
            (pathlib.Path(folder) / "c").write_bytes(content)
            done = self.gpg("--status-fd", "1", "--verify", f"{folder}/s", f"{folder}/c", check=False)
        return b"GOODSIG" in done.stdout
