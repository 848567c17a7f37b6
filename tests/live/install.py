#!/usr/bin/env python3
"""Does cmake --install put everything in its place, and does it run from there?

TOCSIN_BUILD names the build folder; ctest sets it."""
import os
import pathlib
import stat
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="tocsin-install-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        subprocess.run(["cmake", "--install", os.environ["TOCSIN_BUILD"], "--prefix", "/usr"], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "DESTDIR": str(cls.root)})
        cls.files = {path.relative_to(cls.root).as_posix(): path for path in cls.root.rglob("*") if path.is_file()}

    def place_of(self, name):
        found = [place for place in self.files if place.rpartition("/")[2] == name]
        self.assertEqual(1, len(found), f"{name} is at {found}")
        return found[0]

    def test_the_programs_are_there_and_may_be_run(self):
        for name in ("tocsind", "tocsinctl", "tocsin-examine"):
            path = self.files[self.place_of(name)]
            self.assertEqual(0o755, stat.S_IMODE(path.stat().st_mode), name)
        self.assertIn(self.place_of("tocsind"), ("usr/sbin/tocsind", "usr/bin/tocsind"))
        self.assertEqual("usr/bin/tocsinctl", self.place_of("tocsinctl"))
        # Nobody calls the examiner by hand.
        self.assertEqual("usr/libexec/tocsin/tocsin-examine", self.place_of("tocsin-examine"))

    def test_every_shipped_rules_file_is_there(self):
        for path in (SOURCE / "rules").rglob("*"):
            if path.suffix in (".toml", ".eml", ".txt", ".ics") and path.name != "CMakeLists.txt":
                place = "usr/share/tocsin/rules/" + path.relative_to(SOURCE / "rules").as_posix()
                with self.subTest(place):
                    self.assertTrue(place in self.files, "not installed")
                    self.assertEqual(path.read_bytes(), self.files[place].read_bytes())
                    self.assertEqual(0o644, stat.S_IMODE(self.files[place].stat().st_mode))

    def test_the_units_are_there(self):
        for path in (SOURCE / "systemd").glob("*.service"):
            self.assertIn("systemd/system", self.place_of(path.name))

    def test_nothing_of_the_tests_is_there(self):
        for place in self.files:
            self.assertNotIn("test", place.rpartition("/")[2])

    def test_it_runs_from_there(self):
        state = self.root / "state"
        (self.root / "password").write_text("secret\n")
        (self.root / "password").chmod(0o600)
        config = self.root / "tocsin.toml"
        config.write_text(f"""\
[organisation]
name = "ACME"
address = "security@acme.test"
[[mailbox]]
name = "security"
server = "imaps://imap.acme.test"
user = "security@acme.test"
password = {{ file = "{self.root}/password" }}
[submission]
server = "smtp://mail.acme.test:587"
user = "security@acme.test"
password = {{ file = "{self.root}/password" }}
[store]
path = "{state}/tocsin.db"
[rules]
path = ["{self.root}/usr/share/tocsin/rules"]
[[team]]
name = "Alice"
address = "alice@acme.test"
""")
        for words in ([self.files[self.place_of("tocsind")], "--config", config, "--check"],
                      [self.files[self.place_of("tocsinctl")], "--help"]):
            done = subprocess.run(words, capture_output=True, text=True, timeout=60)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
