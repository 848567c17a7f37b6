"""The frame of a live test: one mail host for the file, a fresh installation for each test or each class.

    class WhenAReportArrives(live.Test): …
    if __name__ == "__main__":
        live.main()
"""
import sys
import time
import unittest

import waiting
from mail_host import MailHost
from tocsin import Tocsin

wait_until = waiting.wait_until


class Test(unittest.TestCase):
    """`host` is shared by the file; `new_site()` empties its mailboxes and gives a fresh installation."""
    maxDiff = None
    longMessage = True

    @property
    def host(self):
        return the_host()

    def new_site(self, **configuration):
        return new_site(**configuration)


class Story(Test):
    """Tests that look at one finished run from several sides: `tell` makes the run, once for the class."""

    @classmethod
    def setUpClass(cls):
        cls.site = new_site()
        cls.tell(the_host(), cls.site)

    @classmethod
    def tell(cls, host, site):
        raise NotImplementedError


_host = None
_sites = []


def the_host():
    global _host
    if _host is None:
        _host = MailHost()
    return _host


def new_site(**configuration):
    the_host().empty()
    site = Tocsin(the_host())
    if configuration:
        site.configure(**configuration)
    _sites.append(site)
    return site


def new_site_beside(domain):
    """A second installation on the same host, for security@DOMAIN; the mailboxes keep what they hold."""
    site = Tocsin(the_host())
    site.config.write_text(site.config.read_text().replace("acme.test", domain))
    _sites.append(site)
    return site


def a_second_passes():
    time.sleep(1.1)


def main():
    """Runs the file's tests; after a failure shows what the daemons said."""
    try:
        outcome = unittest.main(exit=False, verbosity=2).result
        if not outcome.wasSuccessful():
            for site in _sites:
                print(f"---- {site.log}\n{site.last_log_lines()}", file=sys.stderr)
        code = 0 if outcome.wasSuccessful() and outcome.testsRun else 1
    finally:
        if _host is not None:
            _host.stop()
    sys.exit(code)
