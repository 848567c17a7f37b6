#!/usr/bin/env python3
"""Does the team hear of it, once, when the mailbox cannot be read or mail does not go out; and when it is over?"""
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from imap_peer import ImapPeer


def alarms(host, address="alice@acme.test"):
    return [one for one in host.inbox(address) if one["X-Tocsin-Mail"] == "alarm"]


class Troubles(live.Test):
    def test_a_mailbox_that_cannot_be_read_is_told_once_and_again_when_it_is_over(self):
        site = self.new_site(imap="imaps://localhost:1")
        site.once("--now", "2026-11-20T10:00:00Z", expect=69)
        self.assertEqual([], alarms(self.host))
        for minute in (16, 30, 59):
            site.once("--now", f"2026-11-20T10:{minute}:00Z", expect=69)
        self.assertEqual(1, len(alarms(self.host)))
        self.assertEqual(1, len(alarms(self.host, "bob@acme.test")))
        text = alarms(self.host)[0].text
        self.assertIn("'security' cannot be reached since 2026-11-20T10:00:00Z", text)
        self.assertEqual(["unreachable mailbox:security"], [one["name"] for one in site.json("status")["troubles"]])
        self.assertIn("cannot be reached", site.ctl("status").stdout)
        site.configure()
        site.once("--now", "2026-11-20T11:00:00Z")
        site.once("--now", "2026-11-20T11:01:00Z")
        self.assertEqual(2, len(alarms(self.host)))
        self.assertIn("This is over", alarms(self.host)[1].text)
        self.assertEqual([], site.json("status")["troubles"])

    def test_a_mailbox_that_lets_us_in_and_not_read_is_told_once_too(self):
        site = self.new_site(mailbox='inbox = "Gone"')
        for minute in ("00", "03", "10", "16", "31", "59"):
            site.once("--now", f"2026-11-20T10:{minute}:00Z", expect=69)
        told = alarms(self.host)
        self.assertEqual(1, len(told), [one.text for one in told])
        self.assertIn("'security' cannot be reached since 2026-11-20T10:00:00Z", told[0].text)
        self.assertIn("SELECT refused", told[0].text)
        self.assertNotIn("password", told[0].text)

    def test_mail_that_is_there_and_not_given_is_told(self):
        peer = ImapPeer(self.host)
        self.addCleanup(peer.close)
        site = self.new_site(imap=peer.url)
        peer.mails = {1: mails.numbered_report(1).as_bytes().replace(b"\n", b"\r\n")}
        truth = peer.fetched
        peer.fetched = lambda uid, with_body: b"" if with_body else truth(uid, with_body)
        for minute in ("00", "16", "31"):
            site.once("--now", f"2026-11-20T10:{minute}:00Z")
        told = alarms(self.host)
        self.assertEqual(1, len(told), [one.text for one in told])
        self.assertIn("names and does not give us, since 2026-11-20T10:00:00Z: 1 mail", told[0].text)
        peer.fetched = truth
        site.once("--now", "2026-11-20T10:40:00Z")
        self.assertIn("This is over", alarms(self.host)[1].text)

    def test_a_refused_password_is_told_as_that(self):
        site = self.new_site()
        (site.folder / "password").write_text("wrong\n")
        smtp = self.host.password
        (site.folder / "smtp").write_text(smtp + "\n")
        (site.folder / "smtp").chmod(0o600)
        text = site.config.read_text()
        head, _, tail = text.partition("[submission]")
        site.config.write_text(head + "[submission]" + tail.replace(f"{site.folder}/password", f"{site.folder}/smtp", 1))
        site.once("--now", "2026-11-20T10:00:00Z", expect=69)
        site.once("--now", "2026-11-20T10:03:00Z", expect=69)
        self.assertEqual(1, len(alarms(self.host)))
        self.assertIn("refuses our password or token", alarms(self.host)[0].text)

    def test_mail_that_does_not_go_out_is_told_when_it_goes(self):
        site = self.new_site(smtp="smtp://localhost:1", more='[alarms]\noutbox = "30 minutes"\n')
        self.host.put(mails.critical_report())
        site.once("--now", "2026-11-20T10:00:00Z", expect=69)
        site.once("--now", "2026-11-20T10:40:00Z", expect=69)
        self.assertIn("outbox", [one["name"] for one in site.json("status")["troubles"]])
        site.configure(more='[alarms]\noutbox = "30 minutes"\n')
        site.once("--now", "2026-11-20T10:41:00Z")
        told = [one.text for one in alarms(self.host)]
        self.assertTrue(any("Mail waits to go out since 2026-11-20T10:00:00Z" in one for one in told), told)

    def test_a_certificate_that_is_about_to_end(self):
        site = self.new_site(more='[alarms]\ncertificate = "36500 days"\n')
        site.once()
        told = [one.text for one in alarms(self.host)]
        self.assertEqual(1, len(told), told)  # the mailbox's; submission had no reason to connect before
        self.assertIn("shows a certificate that ends on", told[0])

    def test_silence(self):
        site = self.new_site(more='[alarms]\nsilence = "2 days"\n')
        self.host.put(mails.critical_report())
        site.once()
        self.assertEqual([], alarms(self.host))
        site.once("--now", "2031-01-01T00:00:00Z")
        self.assertTrue(any("No mail from outside has come" in one.text for one in alarms(self.host)))


class Canary(live.Test):
    MORE = '[alarms]\ncanary = "1 hour"\n'

    def test_comes_back_and_opens_nothing(self):
        site = self.new_site(more=self.MORE)
        site.once()
        self.assertEqual(["canary"], [one["X-Tocsin-Mail"] for one in self.host.inbox("security@acme.test")])
        site.once()
        self.assertIn("CANARY_CAME", site.log.read_text())
        self.assertEqual(1, len(self.host.inbox("security@acme.test")), "one for each beat")
        self.assertEqual([], site.tickets())
        self.assertEqual([], alarms(self.host))

    def test_that_is_lost_is_told(self):
        site = self.new_site(more=self.MORE)
        site.once("--now", "2026-11-20T10:00:00Z")
        for letter in self.host.inbox("security@acme.test"):
            letter.path.unlink()
        site.once("--now", "2026-11-20T11:01:00Z")
        self.assertTrue(any("has not come back" in one.text for one in alarms(self.host)))
        site.once("--now", "2026-11-20T11:02:00Z")
        self.assertEqual(2, len(alarms(self.host)), "the one that came back ends the alarm")

    def test_somebody_elses_mail_is_no_canary(self):
        site = self.new_site(more=self.MORE)
        site.once("--now", "2026-11-20T10:00:00Z")
        canary = self.host.inbox("security@acme.test")[0]
        canary.path.unlink()
        forged = canary.raw.replace(canary.message_id.encode(), b"canary.aaaaaaaa.bbbbbbbb@acme.test")
        self.host.put(forged)
        site.once("--now", "2026-11-20T11:01:00Z")
        self.assertTrue(any("has not come back" in one.text for one in alarms(self.host)))


class Metrics(live.Test):
    def test_are_served_on_loopback_and_well_formed(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        site = self.new_site(more=f'[metrics]\nlisten = "127.0.0.1:{port}"\n')
        self.host.put(mails.critical_report())
        with site.daemon():
            live.wait_until(lambda: site.json("status")["journal"]["total"] == 1 and site.settled(), "the report was answered")
            address = f"http://127.0.0.1:{port}"
            with urllib.request.urlopen(f"{address}/metrics", timeout=5) as answer:
                self.assertIn("version=0.0.4", answer.headers["Content-Type"])
                text = answer.read().decode()
            self.assert_well_formed(text)
            self.assertIn('tocsin_tickets{state="acknowledged"} 1\n', text)
            self.assertIn('tocsin_server_up{server="mailbox:security"} 1\n', text)
            self.assertNotIn("rae@lab.test", text)
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                self.assertEqual((200, b"ok\n"), (answer.status, answer.read()))
            for path, method, code in (("/", "GET", 404), ("/metrics", "POST", 405)):
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(urllib.request.Request(address + path, method=method), timeout=5)
                self.assertEqual(code, caught.exception.code)
            # A caller that says nothing, and one that says nonsense, keep nobody waiting.
            with socket.create_connection(("127.0.0.1", port)) as silent, socket.create_connection(("127.0.0.1", port)) as odd:
                odd.sendall(b"\x16\x03\x01" * 1000)
                with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                    self.assertEqual(200, answer.status)
                self.assertTrue(silent.fileno() > 0)

    def assert_well_formed(self, text):
        kinds = {}
        self.assertTrue(text.endswith("\n"))
        for line in text.splitlines():
            if help_line := re.fullmatch(r"# HELP ([a-z_]+) (.+)", line):
                self.assertNotIn(help_line[1], kinds, "a family comes once")
                kinds[help_line[1]] = None
            elif kind := re.fullmatch(r"# TYPE ([a-z_]+) (gauge|counter)", line):
                self.assertIn(kind[1], kinds)
                kinds[kind[1]] = kind[2]
                self.assertEqual(kind[2] == "counter", kind[1].endswith("_total"), line)
            else:
                sample = re.fullmatch(r'([a-z_]+)(\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\})? [-+.e0-9]+', line)
                self.assertTrue(sample, line)
                self.assertTrue(kinds.get(sample[1]), line)
        if promtool := shutil.which("promtool"):
            done = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True)
            self.assertEqual((0, ""), (done.returncode, done.stdout + done.stderr))

    def test_another_address_than_this_machine_is_a_mistake(self):
        site = self.new_site(more='[metrics]\nlisten = "0.0.0.0:9787"\n')
        done = site.run("--check")
        self.assertEqual(78, done.returncode)
        self.assertIn("127.0.0.1:PORT", done.stdout + done.stderr)


if __name__ == "__main__":
    live.main()
