#!/usr/bin/env python3
"""Runs transport_tests beside a real Dovecot and a real Postfix: they find the servers through TOCSIN_RIG."""
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
from mail_host import MailHost  # noqa: E402

with MailHost() as host:
    program = pathlib.Path(os.environ["TOCSIN_BIN"]) / "transport_tests"
    sys.exit(subprocess.run([program], env={**os.environ, "TOCSIN_RIG": str(host.ca.parent)}, timeout=280).returncode)
