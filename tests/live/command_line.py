#!/usr/bin/env python3
"""Do tocsind and tocsinctl keep what INTERFACES promises to the people and programs that call them?"""
import json
import pathlib
import re
import stat
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
import terminal
from mail_host import MailHost
from moments import instant
from tocsin import ROOT, Tocsin

ESCAPE, BELL, OVERRIDE = "\x1b", "\x07", "\u202e"


class Mistakes(live.Test):
    """tocsind --check: every mistake at once, each with its place."""

    def check(self, site):
        done = site.run("--check")
        return done, (done.stdout + done.stderr).splitlines()

    def assert_names(self, lines, place, *words):
        found = [line for line in lines if line.startswith(f"{place}: ")]
        self.assertTrue(found, f"nothing about {place} in {lines}")
        for word in words:
            self.assertTrue(any(word in line for line in found), f"{word!r} is not in {found}")

    def test_a_sound_configuration_has_none(self):
        done, lines = self.check(self.new_site())
        self.assertEqual(0, done.returncode, lines)

    def test_of_the_configuration_are_all_told_with_line_and_column(self):
        site = self.new_site()
        text = site.config.read_text().replace('mode = "live"', 'mode = "lively"') \
            .replace("policy_url =", "polciy_url =").replace("[limits]", "[limits]\nmime_depth = \"deep\"")
        site.config.write_text(text)
        done, lines = self.check(site)
        self.assertEqual(78, done.returncode, lines)

        def place(word):
            for number, line in enumerate(text.splitlines(), 1):
                if word in line:
                    return f"{site.config}:{number}:{line.index(word) + 1}"

        self.assert_names(lines, place('"lively"'), "live", "shadow", "team")
        self.assert_names(lines, place("polciy_url"), "unknown key 'polciy_url'", "did you mean 'policy_url'?")
        self.assert_names(lines, place('"deep"'))
        self.assertFalse(site.state.exists(), "--check writes nothing")

    def test_of_secrets_and_languages_are_told_with_what_is_meant(self):
        site = self.new_site()
        secret = f'{{ file = "{site.folder}/password" }}'
        sound = site.config.read_text()
        for wrong, words in ((sound.replace(secret, '"hunter2"'), "a secret does not stand here itself; accepted is { file"),
                             (sound.replace(secret, secret.replace("password", "pasword")), f"warning: there is no file '{site.folder}/pasword'"),
                             (sound.replace('["en", "de"]', '["en", "german"]'), "'german' is no language's code, such as en or de")):
            site.config.write_text(wrong)
            done, lines = self.check(site)
            self.assertTrue(any(words in line for line in lines), lines)

    def test_an_unknown_policy_is_told_with_its_line(self):
        done, lines = self.check(self.new_site(mailbox='policy = "truvara"'))
        self.assertEqual(78, done.returncode, lines)
        told = next(number for number, line in enumerate(lines) if "did you mean 'truvera'?" in line)
        self.assertEqual('policy = "truvara"', lines[told + 1].strip())

    def test_of_the_rules_are_told_beside_those_of_the_configuration(self):
        site = self.new_site()
        mine = site.folder / "rules.d"
        mine.mkdir()
        (mine / "mine.toml").write_text(
            "[[rule]]\nid = \"odd\"\nwhy = \"Odd.\"\nscore = 5\nwhen = 'pgp.sgnature == \"good\"'\n\n"
            "[[rule]]\nid = \"broken\"\nwhy = \"Broken.\"\nscore = 5\nwhen = 'text ~ /(/'\n")
        site.configure(rules=[ROOT / "rules", mine])
        site.config.write_text(site.config.read_text().replace("[submission]", "[submission]\nsevrer = \"x\""))
        done, lines = self.check(site)
        self.assertEqual(78, done.returncode, lines)
        self.assertTrue(any(re.match(rf"{re.escape(str(mine))}/mine\.toml:5:\d+: ", line) and "pgp.sgnature" in line
                            for line in lines), lines)
        self.assertTrue(any(line.startswith(f"{mine}/mine.toml:11:") for line in lines), lines)
        self.assertTrue(any("unknown key 'sevrer', did you mean 'server'?" in line for line in lines), lines)

    def test_keep_the_daemon_from_starting(self):
        site = self.new_site()
        site.config.write_text(site.config.read_text().replace('mode = "live"', 'mode = "lively"'))
        self.assertEqual(78, site.run("--once").returncode)
        self.assertFalse(site.database.exists())

    def test_a_configuration_that_is_not_there(self):
        site = self.new_site()
        site.config.unlink()
        self.assertEqual(78, site.run("--check").returncode)

    def test_a_configuration_that_is_no_toml(self):
        site = self.new_site()
        site.config.write_text("[organisation\nname = ACME\n")
        done, lines = self.check(site)
        self.assertEqual(78, done.returncode)
        self.assertTrue(any(line.startswith(f"{site.config}:1:") for line in lines), lines)

    def test_of_the_caller(self):
        site = self.new_site()
        for arguments in (["--nonsense"], ["--now", "2026-03-02T10:00:00Z"], ["--once", "--now", "tomorrow"]):
            with self.subTest(arguments):
                self.assertEqual(64, site.run(*arguments, seconds=10).returncode)
        self.assertEqual(64, site.ctl("no-such-verb").returncode)


class Servers(live.Test):
    def test_that_are_dead_are_told_apart_from_mistakes(self):
        site = self.new_site(imap="imaps://localhost:1")
        done = site.run("--once")
        self.assertEqual(69, done.returncode, done.stderr)

    def test_that_take_no_mail_keep_it_waiting(self):
        site = self.new_site(smtp="smtp://localhost:1")
        self.host.send(mails.critical_report())
        self.assertEqual(69, site.run("--once").returncode)
        self.assertEqual("new", site.only_ticket()["state"])
        outbox = site.json("status")["outbox"]
        self.assertEqual(3, outbox["queued"] + outbox["deferred"])
        site.configure()
        site.once()
        self.assertEqual("acknowledged", site.only_ticket()["state"])
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))

    def test_that_cannot_prove_who_they_are_get_no_password(self):
        with MailHost(certificate="wrong-host") as stranger:
            stranger.send(mails.critical_report())
            site = self.new_site()
            for servers in (dict(imap=f"imaps://localhost:{stranger.imaps}"),
                            dict(imap=f"imap://localhost:{stranger.imap}")):
                with self.subTest(servers):
                    site.configure(**servers)
                    text = site.config.read_text().replace(str(self.host.ca), str(stranger.ca))
                    site.config.write_text(text)
                    self.assertEqual(69, site.run("--once").returncode)
            log = (stranger.mail.parent / "dovecot.log").read_text()
            self.assertNotIn("Login: user=<security@acme.test>", log)

    def test_speak_starttls_as_well(self):
        site = self.new_site(imap=f"imap://localhost:{self.host.imap}", smtp=f"smtps://localhost:{self.host.submissions}")
        self.host.send(mails.critical_report())
        site.once()
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))


class Figures(live.Story):
    """What programs read: tocsinctl --json."""

    @classmethod
    def tell(cls, host, site):
        host.send(mails.critical_report())
        host.send(mails.mail("Kim <kim@lab.test>", subject="Something is odd", text="Your site is odd.\n"))
        site.once()
        cls.rows = site.tickets()
        cls.critical = next(row for row in cls.rows if row["reporter"] == "rae@lab.test")

    def assert_has(self, keys, document):
        self.assertEqual([], [key for key in keys.split() if key not in document], document)

    def test_status(self):
        status = self.site.json("status")
        self.assert_has("mailboxes outbox journal tickets next_deadline", status)
        self.assert_has("queued deferred failed oldest", status["outbox"])
        self.assert_has("pending quarantined", status["journal"])
        self.assertEqual({"acknowledged": 2}, {state: count for state, count in status["tickets"].items() if count})
        self.assertEqual("security", status["mailboxes"][0]["name"])

    def test_list(self):
        for row in self.rows:
            self.assert_has("number state severity score title reporter owner opened due overdue", row)
            self.assertIs(False, row["overdue"])
        self.assertEqual(2, len(self.rows))
        self.assertGreaterEqual(instant(self.rows[0]["opened"]), instant(self.rows[1]["opened"]))

    def test_list_can_choose(self):
        severity = self.critical["severity"]
        chosen = self.site.json("list", "--severity", severity)["tickets"]
        self.assertEqual([self.critical["number"]], [row["number"] for row in chosen])
        self.assertEqual(1, len(self.site.json("list", "--limit", "1")["tickets"]))
        self.assertEqual([], self.site.json("list", "--state", "closed")["tickets"])
        self.assertEqual([], self.site.json("list", "--overdue")["tickets"])
        self.assertEqual(64, self.site.ctl("list", "--state", "lost").returncode)

    def test_show(self):
        ticket = self.site.ticket(self.critical["number"])
        self.assert_has("number state severity title reporter examination clocks history messages embargo credit", ticket)
        self.assertTrue(ticket["clocks"])
        for clock in ticket["clocks"]:
            self.assert_has("name started due paused stopped state next_reminder", clock)
            self.assertIn(clock["state"], ("running", "paused", "met", "missed"))
        for event in ticket["history"]:
            self.assert_has("seq at actor event detail hash", event)
        self.assertEqual({"in", "out"}, {message["direction"] for message in ticket["messages"]})
        for message in ticket["messages"]:
            self.assert_has("direction message_id kind at", message)

    def test_show_of_a_number_that_nobody_has(self):
        done = self.site.ctl("show", "SEC-2001-9999", "--json")
        self.assertEqual(65, done.returncode, done.stderr)
        self.assertEqual("", done.stdout)

    def test_explain(self):
        before = self.site.json("status"), self.host.addresses()
        found = self.site.json("explain", "-", text=mails.critical_report("Lea <lea@lab.test>").as_string())
        self.assert_has("message crypto kind reasons severity score hits cvss cve elements ticket mail clocks", found)
        self.assert_has("message_id from sender reply_to to cc subject date in_reply_to references text reply_text language "
                        "attachments defects", found["message"])
        self.assertEqual("report", found["kind"])
        self.assertEqual("open", found["ticket"]["action"])
        self.assertEqual("Remote code execution in the upload form", found["message"]["subject"])
        self.assertEqual(found["score"], sum(hit["score"] for hit in found["hits"]))
        self.assertIn(("acknowledgement", ["lea@lab.test"]), [(one["template"], one["to"]) for one in found["mail"]])
        self.assertIn("acknowledge", [clock["name"] for clock in found["clocks"]])
        self.assertEqual(before[1], self.host.addresses(), "explain sends nothing")
        self.assertEqual(before[0]["tickets"], self.site.json("status")["tickets"], "explain writes nothing")

    def test_explain_of_a_file(self):
        path = self.site.folder / "mail.eml"
        path.write_bytes(mails.critical_report().as_bytes())
        self.assertEqual("report", self.site.json("explain", path)["kind"])
        self.assertIn("remote-code-execution", self.site.ctl("explain", path).stdout)
        self.assertNotEqual(0, self.site.ctl("explain", self.site.folder / "none.eml").returncode)

    def test_template_preview(self):
        shown = self.site.ctl("template", "preview", "acknowledgement", "--ticket", self.critical["number"])
        self.assertEqual(0, shown.returncode, shown.stderr)
        self.assertIn(f"[{self.critical['number']}]", shown.stdout)
        german = self.site.ctl("template", "preview", "acknowledgement", "--language", "de")
        self.assertEqual(0, german.returncode, german.stderr)
        self.assertNotEqual(shown.stdout, german.stdout)
        self.assertNotEqual(0, self.site.ctl("template", "preview", "no-such-template").returncode)

    def test_the_database_is_the_owners_alone(self):
        self.assertEqual(0o700, stat.S_IMODE(self.site.state.stat().st_mode))
        for path in self.site.state.iterdir():
            with self.subTest(path.name):
                self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))

    def test_without_a_database_there_is_nothing_to_tell(self):
        fresh = Tocsin(self.host)
        self.assertNotEqual(0, fresh.ctl("status").returncode)
        self.assertFalse(fresh.database.exists(), "looking does not make one")
        fresh.config.unlink()
        self.assertEqual(78, fresh.ctl("status").returncode)


class ForPeople(live.Story):
    """What people read: tables and colours, and never what a stranger would do to their terminal."""

    @classmethod
    def tell(cls, host, site):
        host.send(mails.mail("=?utf-8?q?Rae_=1B[2J=07?= <rae@lab.test>", text="Remote code execution, no less.\n",
                             subject="placeholder").as_bytes()
                  .replace(b"Subject: placeholder", b"Subject: =?utf-8?q?RCE_=1B]0;owned=07=1B[31m_=E2=80=AEdaolpu?= here"))
        site.once()
        cls.number = site.tickets()[0]["number"]

    def on_terminal(self, *arguments, **environment):
        """tocsinctl as on a terminal of 100 columns."""
        shown, code = terminal.on_terminal([self.site.bin / "tocsinctl", "--config", self.site.config, *arguments],
                                           columns=100, environment=environment)
        self.assertEqual(0, code, shown)
        return shown

    def test_a_terminal_gets_colours_and_no_color_takes_them(self):
        self.assertIn(ESCAPE + "[", self.on_terminal("list"))
        self.assertNotIn(ESCAPE, self.on_terminal("list", NO_COLOR="1"))
        self.assertNotIn(ESCAPE, self.on_terminal("list", "--color", "never"))

    def test_a_pipe_gets_colours_only_when_asked(self):
        self.assertNotIn(ESCAPE, self.site.ctl("list").stdout)
        self.assertIn(ESCAPE + "[", self.site.ctl("list", "--color", "always").stdout)

    def test_what_strangers_wrote_does_nothing_to_a_terminal(self):
        for verb in (["list"], ["show", self.number], ["status"], ["explain", str(self.mail_file())]):
            with self.subTest(verb):
                shown = self.on_terminal(*verb, NO_COLOR="1") + self.site.ctl(*verb).stdout
                for character in (ESCAPE, BELL, OVERRIDE, "\x9b", "\x00"):
                    self.assertNotIn(character, shown)
                coloured = self.on_terminal(*verb)
                for harm in (ESCAPE + "]", ESCAPE + "[2J", BELL, OVERRIDE):
                    self.assertNotIn(harm, coloured)

    def mail_file(self):
        path = self.site.folder / "stranger.eml"
        path.write_bytes(self.host.inbox("security@acme.test")[0].raw)
        return path

    def test_json_holds_it_escaped(self):
        done = self.site.ctl("list", "--json")
        self.assertNotIn(ESCAPE, done.stdout)
        self.assertNotIn(BELL, done.stdout)
        json.loads(done.stdout)

    def test_the_table_fits_the_terminal(self):
        for line in self.on_terminal("list", NO_COLOR="1").splitlines():
            self.assertLessEqual(len(line.rstrip("\r")), 100, line)
        self.assertIn(self.number, self.on_terminal("list", NO_COLOR="1"))

    def test_nor_does_it_reach_the_log_or_a_header(self):
        self.assertNotIn(ESCAPE, self.site.log.read_text(errors="replace"))
        for address in ("rae@lab.test", "alice@acme.test"):
            for letter in self.host.inbox(address):
                for name, value in letter.message.items():
                    self.assertFalse(any(ord(one) < 32 and one not in "\t" for one in str(value)), (name, value))


if __name__ == "__main__":
    live.main()
