#!/usr/bin/env python3
"""Can an administrator change a rule, see what it would have done, and trust what she is told?"""
import json
import os
import pathlib
import sys
import tomllib
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from tocsin import ROOT

HARSHER = "[[rule]]\nid = 'cross-site-scripting'\noverride = true\nscore = 95\n"
NO_ANSWER = "[[rule]]\nid = 'house-rule'\nwhy = 'Not answered.'\nacknowledge = false\nwhen = 'subject ~ /no. 1/i'\n"


class Rules(live.Story):
    @classmethod
    def tell(cls, host, site):
        cls.layer = site.folder / "rules.d"
        cls.layer.mkdir()
        site.configure(rules=[ROOT / "rules", cls.layer])
        for number in (1, 2):
            host.send(mails.numbered_report(number))
        host.send(mails.critical_report())
        site.once()
        notice = [one for one in host.inbox("alice@acme.test") if one["X-Tocsin-Mail"] == "notice" and "page 1 reflects" in one.text][-1]
        quoted = "".join(f"> {line}\n" for line in notice.text.splitlines())
        host.send(mails.mail("alice@acme.test", subject=f"Re: {notice['Subject']}",
                             text=f"/triage critical\n\nOn Monday ACME wrote:\n{quoted}", answers=notice.message_id))
        site.once()

    def other(self, text):
        folder = self.site.folder / "other"
        folder.mkdir(exist_ok=True)
        (folder / "a.toml").write_text(text)
        return folder

    def test_check_says_what_is_there(self):
        found = self.site.json("rules", "check")
        self.assertEqual((0, 0), (found["errors"], found["warnings"]), found["mistakes"])
        self.assertGreaterEqual(found["rules"], 100)
        self.assertIn("truvera", found["policies"])

    def test_check_names_file_line_and_column(self):
        folder = self.other("[[rule]]\nid = 'x'\nwhy = 'w'\nscor = 5\nwhen = 'txt ~ /a/'\n")
        done = self.site.ctl("rules", "check", "--rules", folder)
        self.assertEqual(78, done.returncode)
        self.assertIn("a.toml:4:1: error: unknown key 'scor', did you mean 'score'?", done.stderr)
        self.assertIn("a.toml:5:9: error: unknown field 'txt'; did you mean 'text'?", done.stderr)
        self.assertIn("    when = 'txt ~ /a/'\n            ^", done.stderr)
        found = json.loads(self.site.ctl("rules", "check", "--json", "--rules", folder).stdout)
        self.assertEqual([4], [one["line"] for one in found["mistakes"] if "unknown key 'scor'" in one["what"]])

    def test_the_daemon_checks_as_thoroughly(self):
        (self.layer / "x.toml").write_text("[[rule]]\nid = 'x'\nwhy = 'w'\nscore = 1\nwhen = 'text ~ /x/'\n")
        try:
            for done in (self.site.run("--check"), self.site.ctl("rules", "check")):
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertIn("x.toml:2:1: warning: rule 'x' is never tested", done.stderr)
        finally:
            (self.layer / "x.toml").unlink()

    def test_the_shipped_expectations_hold(self):
        found = self.site.json("rules", "test")
        self.assertEqual([], [one for one in found["tests"] if not one["passed"]])
        self.assertGreater(found["passed"], 100)

    def test_a_change_that_breaks_an_expectation_is_seen(self):
        done = self.site.ctl("rules", "test", "--rules", self.other("[[rule]]\nid='beg-bounty'\noverride=true\nwhen='text ~ /never so/'\n"))
        self.assertEqual(65, done.returncode)
        self.assertIn("beg-bounty", done.stdout)

    def test_schema_is_a_schema(self):
        schema = json.loads(self.site.ctl("rules", "schema").stdout)
        self.assertIn("https://json-schema.org/", schema["$schema"])
        for key in ("rule", "element", "clock", "guard", "test", "severity", "list", "assets", "calendar"):
            self.assertIn(key, schema["properties"])

    def test_schema_takes_what_is_shipped_and_refuses_what_is_broken(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads(self.site.ctl("rules", "schema").stdout)
        checks = jsonschema.validators.validator_for(schema)(schema)

        def found(text):
            return [one.message for one in checks.iter_errors(tomllib.loads(text))]
        for file in sorted((ROOT / "rules").rglob("*.toml")):
            self.assertEqual([], found(file.read_text(encoding="utf-8")), file)
        rule = "[[rule]]\nid='a'\nscore=1\nwhen='has cve'\n"
        clock = "[[clock]]\nid='c'\nstart='received'\nstop='fixed'\nwithin='1 day'\n"
        self.assertEqual([], found(rule + clock))
        for broken in ("sevrity={high=5}", rule + "scor=5", rule + "signal='machin'", rule + "floor='hgih'", rule + "tag=''",
                       rule.replace("'a'", "'a b'"), clock + "to=[]", clock + "remind=['soon']", clock + "severity=[]",
                       clock.replace("1 day", "0 days"), clock.replace("received", "recieved"),
                       "[templates]\nacknowledgment='x'", "[list]\n'a b'=['x']", "[calendar.c]\nzone='UTC'",
                       "[assets]\ndomains=['*.acme.test']", "[[guard]]\nevent='fixed'\nafter=[]\nwhy='w'"):
            self.assertNotEqual([], found(broken), broken)

    def test_backtest_with_the_same_rules_changes_nothing(self):
        found = self.site.json("rules", "backtest")
        self.assertEqual([], found["changed"])
        self.assertEqual(3, found["sums"]["mails"])
        self.assertEqual(1, found["team"]["after"]["reports"])

    def test_backtest_says_what_would_change(self):
        found = self.site.json("rules", "backtest", "--rules", self.other(HARSHER + NO_ANSWER))
        self.assertEqual(2, found["sums"]["raised"], found)
        self.assertEqual(1, found["sums"]["not_acknowledged_now"])
        first = [one for one in found["changed"] if not one["after"]["acknowledged"]][0]
        self.assertEqual("critical", first["after"]["severity"])
        self.assertEqual("critical", first["team"])
        self.assertEqual((0.0, 1.0), (found["team"]["before"]["exact"], found["team"]["after"]["exact"]))
        text = self.site.ctl("rules", "backtest", "--rules", self.other(HARSHER)).stdout
        self.assertIn("→ critical", text)
        self.assertIn("TEAM \\ RULES", text)

    def test_learn_prints_a_file_that_can_be_put_in(self):
        folder = self.site.folder / "rated"
        folder.mkdir()
        with open(folder / "labels.jsonl", "w") as labels:
            for number in range(40):
                (folder / f"{number}.eml").write_bytes(bytes(mails.numbered_report(number)))
                labels.write(json.dumps({"file": f"{number}.eml", "severity": "critical"}) + "\n")
        done = self.site.ctl("rules", "learn", "--reports", folder)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("override = true", done.stdout)
        learned = self.site.folder / "learned"
        learned.mkdir()
        (learned / "scores.toml").write_text(done.stdout)
        found = self.site.json("rules", "backtest", "--reports", folder, "--rules", learned)
        self.assertEqual(1.0, found["team"]["exact"])
        few = self.site.ctl("rules", "learn")
        self.assertEqual(65, few.returncode)
        self.assertIn("rated 1 reports", few.stderr)

    def test_a_policy_in_plain_words(self):
        text = self.site.ctl("policy", "show", "truvera").stdout
        for words in ("ACME", "within 3 business days of your report", "72 hours", "release notes", "Monday to Friday"):
            self.assertIn(words, text)
        self.assertIn("innerhalb von 3 Arbeitstagen", self.site.ctl("policy", "show", "truvera", "--language", "de").stdout)

    def test_mistyped_words_are_told_with_what_is_accepted(self):
        for words, told in ((("rules", "chek"), "tocsinctl rules: there is no 'chek'; did you mean 'check'?"),
                            (("polcy", "show", "default"), "tocsinctl: there is no 'polcy'; did you mean 'policy'?"),
                            (("policy", "show", "nothing"), "there is no policy 'nothing'; there are cmw-lab, "),
                            (("policy", "show", "default", "--language", "fr"), "no words in 'fr'; configured: en, de"),
                            (("policy", "simulate", "truvera", "--received", "2026-12-23T17:00:00+01:00", "--severity",
                              "critical"), "the policy 'truvera' knows no severity 'critical'")):
            done = self.site.ctl(*words)
            self.assertEqual(64, done.returncode, done.stderr)
            self.assertIn(told, done.stderr)

    @unittest.skipUnless("TOCSIN_CORPORA" in os.environ, "TOCSIN_CORPORA is not set")
    def test_real_reports_by_one_command(self):
        found = self.site.json("rules", "backtest", "--reports", f"{os.environ['TOCSIN_CORPORA']}/reports", "--half", "held-out")
        self.assertEqual(426, found["team"]["reports"])
        for figure, least in (("exact", 0.53), ("macro_f1", 0.44), ("within_one", 0.90), ("critical_seen", 0.70)):
            self.assertGreaterEqual(found["team"][figure], least, figure)


if __name__ == "__main__":
    live.main()
