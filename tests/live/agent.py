#!/usr/bin/env python3
"""What becomes of encrypted mail while the agent or our key is gone?"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
import mails
import processes
from openpgp import TEXT, openpgp


class TheAgent(live.Test):
    def agents_of(self, home):
        return [int(path.name) for path in pathlib.Path("/proc").iterdir() if path.name.isdigit()
                and self.words_of(path)[:4] == ["gpg-agent", "--homedir", str(home), "--supervised"]]

    @staticmethod
    def words_of(path):
        try:
            return (path / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return []

    def test_killed_stopped_and_the_key_away(self):
        house = keys.Person("ACME Security", "security@acme.test")
        rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        rae.take(house)
        site = self.new_site()
        openpgp(site, house)
        answered = lambda count: (lambda: len(self.host.inbox("rae@lab.test")) == count)
        with site.daemon():
            (agent,) = self.agents_of(house.path)
            os.kill(agent, signal.SIGKILL)
            self.host.put(rae.encrypted(TEXT, house, subject="killed"))
            live.wait_until(answered(1), "the agent was replaced after it was killed", 40)
            (other,) = self.agents_of(house.path)
            self.assertNotEqual(agent, other)
            os.kill(other, signal.SIGSTOP)
            self.host.put(rae.encrypted(TEXT, house, subject="stopped"))
            live.wait_until(answered(2), "the agent was replaced after it was stopped", 60)
            away = house.path.with_name(house.path.name + "-away")
            shutil.move(house.path / "private-keys-v1.d", away)
            self.host.put(rae.encrypted(TEXT, house, subject="away"))
            self.host.put(mails.mail("Kim <kim@lab.test>", subject="plain", text="Cross-site scripting.\n"))
            live.wait_until(lambda: any("OpenPGP is out of order" in letter.text.replace("\n", " ")
                                        for letter in self.host.inbox("alice@acme.test")), "the team was told", 60)
            live.wait_until(lambda: any(row["title"] == "plain" for row in site.tickets()), "other mail goes on", 30)
            told = [letter for letter in self.host.inbox("alice@acme.test") if "out of order" in letter.text]
            self.assertEqual(1, len(told))
            self.assertEqual(2, len([row for row in site.tickets() if row["title"] in ("killed", "stopped")]))
            shutil.move(away, house.path / "private-keys-v1.d")
            live.wait_until(answered(3), "what waited was opened", 60)
            told = [letter for letter in self.host.inbox("alice@acme.test") if "out of order" in letter.text]
            self.assertEqual(1, len(told), "the team hears once")
        for row in site.tickets():
            if row["title"] != "plain":
                self.assertIsNone(site.ticket(row["number"])["examination"]["crypto"]["error"])


    def test_begun_and_reloaded_while_our_key_is_away(self):
        house = keys.Person("ACME Security", "security@acme.test")
        kim = keys.Person("Kim", "kim@lab.test")
        kim.take(house)
        # What an administrator keeps in the home is his, whatever he calls it.
        (house.path / "1999999-2").mkdir()
        (house.path / "1999999-2" / "backup").write_text("mine")
        (house.path / "S.1999999-1e").write_text("mine")
        site = self.new_site()
        openpgp(site, house)
        away = house.path.with_name(house.path.name + "-away")
        shutil.move(house.path / "private-keys-v1.d", away)
        alarms = lambda: [letter for letter in self.host.inbox("alice@acme.test")
                          if "OpenPGP is out of order" in letter.text.replace("\n", " ")]
        with site.daemon() as daemon:
            self.host.put(kim.encrypted(TEXT, house, subject="early", more=[("Autocrypt", kim.autocrypt())]))
            live.wait_until(lambda: len(alarms()) == 1, "the team was told", 60)
            live.wait_until(lambda: site.json("status")["journal"]["pending"] == 1, "it waits", 30)
            daemon.forget_notices()
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_notice("READY=1", seconds=60)
            self.host.put(mails.mail("Kim <kim@lab.test>", subject="plain one", text="Cross-site scripting.\n"))
            live.wait_until(lambda: [row["title"] for row in site.tickets()] == ["plain one"], "mail without keys goes on", 30)
            self.assertEqual([], self.host.inbox("kim@lab.test"), "nothing goes out unsigned")
            shutil.move(away, house.path / "private-keys-v1.d")
            live.wait_until(lambda: len(self.host.inbox("kim@lab.test")) == 2, "both are answered", 60)
        self.assertEqual(1, len(alarms()), "the team hears once")
        for letter in self.host.inbox("kim@lab.test"):
            sealed = letter.message.get_content_type() == "multipart/encrypted"
            self.assertTrue(kim.opens(letter) if sealed else kim.verifies(letter))
        early = next(row for row in site.tickets() if row["title"] == "early")
        self.assertTrue(site.ticket(early["number"])["examination"]["crypto"]["decrypted"])
        self.assertTrue((house.path / "1999999-2" / "backup").exists())
        self.assertTrue((house.path / "S.1999999-1e").exists())


if __name__ == "__main__":
    live.main()
