#!/usr/bin/env python3
"""Can the database be copied while the daemon writes, does the audit see what was changed, does doctor see what is ill?"""
import pathlib
import shutil
import sqlite3
import stat
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails


class Backup(live.Test):
    def test_is_whole_while_the_daemon_writes(self):
        site = self.new_site()
        copies = []
        with site.daemon():
            stop = threading.Event()

            def arrive():
                number = 0
                while not stop.is_set():
                    number += 1
                    self.host.send(mails.numbered_report(number), settle=False)
            sender = threading.Thread(target=arrive)
            sender.start()
            try:
                live.wait_until(lambda: site.json("status")["journal"]["total"] > 0, "mail came")
                for number in range(5):
                    copy = site.folder / f"copy{number}.db"
                    done = site.ctl("backup", copy)
                    self.assertEqual(0, done.returncode, done.stderr)
                    copies.append(copy)
            finally:
                stop.set()
                sender.join()
            self.host.settle()
        counts = []
        for copy in copies:
            self.assertEqual(0o600, stat.S_IMODE(copy.stat().st_mode))
            self.assertFalse(copy.with_name(copy.name + "-wal").exists())
            with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as database:
                self.assertEqual([("ok",)], database.execute("PRAGMA integrity_check").fetchall())
                counts.append(database.execute("SELECT count(*) FROM journal").fetchone()[0])
        self.assertEqual(counts, sorted(counts))
        self.assertGreater(counts[-1], 0)

    def test_a_restored_copy_is_gone_on_with(self):
        site = self.new_site()
        self.host.put(mails.critical_report())
        site.once()
        number = site.only_ticket()["number"]
        copy = site.folder / "copy.db"
        self.assertEqual(0, site.ctl("backup", copy).returncode)
        key = copy.with_name("copy.db.message-id.key")
        self.assertEqual(0o600, stat.S_IMODE(key.stat().st_mode))
        shutil.rmtree(site.state)
        site.state.mkdir(mode=0o700)
        shutil.copy(copy, site.database)
        shutil.copy(key, site.state / "message-id.key")
        site.once()
        self.assertEqual(number, site.only_ticket()["number"])
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")), "nobody is answered twice")
        self.assertEqual(0, site.ctl("audit", "verify").returncode)

    def test_overwrites_nothing(self):
        site = self.new_site()
        site.once()
        there = site.folder / "there.db"
        there.write_text("mine")
        done = site.ctl("backup", there)
        self.assertEqual(65, done.returncode)
        self.assertIn("nothing is overwritten", done.stderr)
        self.assertEqual("mine", there.read_text())
        self.assertEqual([], list(site.folder.glob("there.db?*")))
        self.assertEqual(74, site.ctl("backup", site.folder / "no" / "such" / "copy.db").returncode)


class Audit(live.Test):
    def site_with_a_ticket(self):
        site = self.new_site()
        self.host.put(mails.critical_report())
        site.once()
        return site

    def change(self, site, sql):
        with sqlite3.connect(site.database) as database:
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f"DROP TRIGGER {name}")
            database.execute(sql)
        database.close()

    def test_holds_and_says_the_last_hash(self):
        site = self.site_with_a_ticket()
        found = site.json("audit", "verify")
        self.assertTrue(found["holds"], found)
        self.assertEqual(site.only_ticket()["history"][-1]["hash"], found["last_hash"])
        self.assertIn(found["last_hash"], site.ctl("audit", "verify").stdout)

    def test_sees_a_line_that_was_changed(self):
        site = self.site_with_a_ticket()
        self.change(site, "UPDATE event_value SET value = value || ' ' WHERE seq = 3")
        done = site.ctl("audit", "verify")
        self.assertEqual(65, done.returncode)
        self.assertIn("line 3", done.stderr)

    def test_sees_a_line_that_was_cut_off(self):
        site = self.site_with_a_ticket()
        self.change(site, "DELETE FROM event_value WHERE seq = (SELECT max(seq) FROM event)")
        self.change(site, "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)")
        self.assertEqual(65, site.ctl("audit", "verify").returncode)

    def test_sees_a_ticket_that_was_changed_past_its_history(self):
        site = self.site_with_a_ticket()
        self.change(site, "UPDATE ticket SET severity = 'low'")
        done = site.ctl("audit", "verify")
        self.assertEqual(65, done.returncode)
        self.assertIn("is not what its history tells", done.stderr)


class Doctor(live.Test):
    def states(self, found, of):
        return {one["state"] for one in found["checks"] if one["check"].startswith(of)}

    def test_finds_a_sound_installation_well(self):
        site = self.new_site()
        site.once()
        site.config.chmod(0o640)
        found = site.json("doctor")
        self.assertTrue(found["healthy"], found)
        for check in ("rules", "mailbox security", "submission", "database", "disk", "examiner"):
            self.assertIn("ok", self.states(found, check), check)

    def test_names_what_is_ill(self):
        site = self.new_site(smtp="smtp://localhost:1", mailbox='also = ["Nowhere"]')
        site.once("--now", "2026-11-20T10:00:00Z", expect=0)
        (site.folder / "password").chmod(0o644)
        done = site.ctl("doctor")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("Nowhere", done.stdout)
        self.assertRegex(done.stdout, r"ill +submission")
        self.assertRegex(done.stdout, r"ill +file .*password.*others can read it")


if __name__ == "__main__":
    live.main()
