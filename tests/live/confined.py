#!/usr/bin/env python3
"""Does the daemon do all that it does under the system call filter of its unit: read, decrypt, sign, send, keep, end?

The filter is read from systemd/tocsin.service and laid on by tests/confine/under_filter.c. Without systemd-analyze,
which knows what is in its groups, this is skipped.
"""
import functools
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
import mails
import tocsin
from openpgp import TEXT, openpgp

UNDER_FILTER = pathlib.Path(os.environ.get("TOCSIN_BUILD", ".")).resolve() / "tests" / "live" / "under_filter"
ALWAYS = "execve exit exit_group getrlimit rt_sigreturn sigreturn".split()  # systemd.exec(5), and what is in @default


@functools.cache
def members_of(group):
    done = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", group], capture_output=True, text=True, check=True)
    names = [line.strip() for line in done.stdout.splitlines()[1:]]
    return set().union(*(members_of(one) if one.startswith("@") else {one} for one in names if one and not one.startswith("#")))


def calls_of_the_unit(without=()):
    allowed = set(ALWAYS) | members_of("@default")
    for line in (tocsin.ROOT / "systemd/tocsin.service").read_text().splitlines():
        if line.startswith("SystemCallFilter="):
            value = line.partition("=")[2]
            named = set().union(*(members_of(one) if one.startswith("@") else {one} for one in value.lstrip("~").split()))
            allowed = allowed - named if value.startswith("~") else allowed | named
    return sorted(allowed - set(without))


class Confined(live.Test):
    def confine(self, site, calls):
        """The site's programs are run under the filter from now on."""
        folder = site.folder / "confined"
        folder.mkdir()
        (folder / "calls").write_text("\n".join(calls) + "\n")
        for name in ("tocsind", "tocsinctl"):
            (folder / name).write_text(f'#!/bin/sh\nexec "{UNDER_FILTER}" "{folder}/calls" "{tocsin.programs()}/{name}" "$@"\n')
            (folder / name).chmod(0o755)
        site.bin = folder

    def test_all_that_a_day_brings(self):
        site = self.new_site()
        house, rae = keys.Person("ACME Security", "security@acme.test"), keys.Person("Rae Lindqvist", "rae@lab.test")
        rae.take(house)
        openpgp(site, house)
        text = site.config.read_text()
        site.config.write_text(text.replace('\n[submission]', 'sent = "Sent"\nafter = "move:Archive"\n\n[submission]', 1))
        script = site.folder / "secret"
        script.write_text(f"#!/bin/sh\ncat '{site.folder}/password'\n")
        script.chmod(0o700)
        site.config.write_text(site.config.read_text().replace(f'{{ file = "{site.folder}/password" }}', f'{{ command = ["{script}"] }}'))
        self.confine(site, calls_of_the_unit())
        with site.daemon() as daemon:
            self.host.put(rae.encrypted(TEXT, house, subject="an encrypted one"))
            self.host.put(mails.numbered_report(1))
            live.wait_until(lambda: self.host.inbox("rae@lab.test") and self.host.inbox("reporter1@lab.test") and site.settled(),
                            "both were answered", 60)
            live.wait_until(lambda: len(self.host.inbox("security@acme.test", "Archive")) == 2, "both were moved", 20)
            self.assertEqual(0, site.ctl("backup", site.folder / "copy.db").returncode)
            number = next(row["number"] for row in site.tickets() if row["reporter"] == "rae@lab.test")
            self.assertTrue(site.ticket(number)["examination"]["crypto"]["decrypted"])
            self.assertIn(TEXT.split()[0], site.ctl("show", number, "--decrypt").stdout)
            self.assertEqual(0, daemon.terminate())
        log = site.log.read_text()
        self.assertNotIn("EXAMINER_NOT_CONFINED", log, "it could lock itself down as well")
        self.assertNotIn("Operation not permitted", log)
        for verb in (("audit", "verify"), ("doctor",), ("status",)):
            done = site.ctl(*verb)
            self.assertEqual(0, done.returncode, f"{verb}: {done.stdout}{done.stderr}")

    def test_the_filter_is_in_force(self):
        site = self.new_site()
        self.confine(site, calls_of_the_unit(without=["landlock_create_ruleset"]))
        site.run("--once", seconds=120)
        self.assertIn("EXAMINER_NOT_CONFINED", site.log.read_text())


if __name__ == "__main__":
    if shutil.which("systemd-analyze") is None:
        print("confined: no systemd-analyze here; skipped", flush=True)
        sys.exit(77)
    live.main()
