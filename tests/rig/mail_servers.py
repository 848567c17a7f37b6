"""A Dovecot and a Postfix of one's own, on 127.0.0.1, in one private folder: how they are set up, started, ended.

Needs root, as Postfix does. What uses the servers is in mail_host.py and needs no rights.

    FOLDER/env            what a test needs to know, as NAME=VALUE lines
    FOLDER/ca.pem         the authority behind their certificates
    FOLDER/mail/ADDRESS   one Maildir for each address, made by its first mail
    FOLDER/*.log          what the servers say
"""
import contextlib
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time

PASSWORD = "pw"
DOMAINS = ("acme.test", "beta.test", "evil.test", "lab.test")      # every address of these is a mailbox
SINK = "bench.test"                      # mail to it is accepted and thrown away
PORTS = ("imaps", "imap", "smtp", "submission", "submissions")
POSTFIX_PROGRAMS = "/usr/lib/postfix/sbin"


class RigError(RuntimeError):
    """The servers could not be started; the text says why."""


def free_ports(count):
    """Below the range from which the kernel takes ports for outgoing connections."""
    chosen, guard = [], 0
    while len(chosen) < count:
        guard += 1
        if guard > 1000:
            raise RigError("no free ports between 12000 and 31999")
        port = random.SystemRandom().randrange(12000, 32000)
        with contextlib.closing(socket.socket()) as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                if port not in chosen:
                    chosen.append(port)
    return chosen


def command(*words, **options):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, **options)
    if done.returncode:
        raise RigError(f"{words[0]} ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


# ---- certificates

def make_certificates(folder):
    """An authority, a certificate for localhost by it, and one for a host that we are not."""
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    command("openssl", "req", "-x509", *new_key, "-days", "60", "-subj", "/CN=Rig authority",
            "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    for name, host in (("localhost", "localhost"), ("wrong-host", "mail.elsewhere.test")):
        request, extension = folder / f"{name}.csr", folder / f"{name}.ext"
        extension.write_text(f"subjectAltName=DNS:{host}\nextendedKeyUsage=serverAuth\n")
        command("openssl", "req", *new_key, "-subj", f"/CN={host}", "-keyout", folder / f"{name}.key", "-out", request)
        command("openssl", "x509", "-req", "-in", request, "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
                "-CAcreateserial", "-days", "60", "-extfile", extension, "-out", folder / f"{name}.pem")


# ---- Dovecot: IMAP, IMAPS, LMTP for Postfix, SASL for Postfix

def dovecot_configuration(folder, ports, certificate, owner):
    return f"""\
base_dir = {folder}/dovecot/run
state_dir = {folder}/dovecot/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1

ssl = required
ssl_cert = <{folder}/{certificate}.pem
ssl_key = <{folder}/{certificate}.key

auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={folder}/mail/%u allow_all_users=yes
}}
first_valid_uid = 1
first_valid_gid = 1

mail_location = maildir:~/Maildir
recipient_delimiter = +
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = create
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
}}

service imap-login {{
  inet_listener imap {{
    port = {ports["imap"]}
  }}
  inet_listener imaps {{
    port = {ports["imaps"]}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener {folder}/dovecot/lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener {folder}/dovecot/sasl {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


# ---- Postfix: SMTP as the world uses it, submission as we do

def postfix_main(folder, certificate):
    return f"""\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/postfix/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mail.acme.test
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
recipient_delimiter = +
virtual_mailbox_domains = {", ".join(DOMAINS)}
virtual_transport = lmtp:unix:{folder}/dovecot/lmtp
relay_domains = {SINK}
transport_maps = inline:{{{SINK}=discard:}}
default_transport = error:5.1.2 this host relays nothing
smtpd_tls_cert_file = {folder}/{certificate}.pem
smtpd_tls_key_file = {folder}/{certificate}.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/dovecot/sasl
message_size_limit = 104857600
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtputf8_enable = yes
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
lmtp_dns_support_level = disabled
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
in_flow_delay = 0
default_process_limit = 20
# Nobody outside speaks in the name of our border (RFC 8601, 5).
header_checks = regexp:{folder}/postfix/header_checks
"""


def postfix_master(ports):
    authenticated = """\
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
"""
    inet = [f"127.0.0.1:{ports['smtp']} inet n - n - - smtpd\n",
            f"127.0.0.1:{ports['submission']} inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n"
            + authenticated,
            f"127.0.0.1:{ports['submissions']} inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n" + authenticated]
    # name, private, wake-up, most processes, program
    inner = [("pickup", "n", "60", "1", "pickup"), ("cleanup", "n", "-", "0", "cleanup"),
             ("qmgr", "n", "300", "1", "qmgr"), ("tlsmgr", "-", "1000?", "1", "tlsmgr"),
             ("rewrite", "-", "-", "-", "trivial-rewrite"), ("bounce", "-", "-", "0", "bounce"),
             ("defer", "-", "-", "0", "bounce"), ("trace", "-", "-", "0", "bounce"),
             ("verify", "-", "-", "1", "verify"), ("flush", "n", "1000?", "0", "flush"),
             ("proxymap", "-", "-", "-", "proxymap"), ("showq", "n", "-", "-", "showq"),
             ("error", "-", "-", "-", "error"), ("retry", "-", "-", "-", "error"),
             ("discard", "-", "-", "-", "discard"), ("lmtp", "-", "-", "-", "lmtp"),
             ("anvil", "-", "-", "1", "anvil")]
    rows = [f"{name} unix {private} - n {wake} {most} {program}\n" for name, private, wake, most, program in inner]
    return "".join(inet + rows) + "postlog unix-dgram n - n - 1 postlogd\n"


def make_postfix_queue(folder):
    """What the postfix command makes at each start in a good second, with the owners and modes that it wants."""
    postfix, postdrop = shutil._get_uid("postfix"), shutil._get_gid("postdrop")
    spool = folder / "spool"
    for name in ("incoming", "active", "deferred", "bounce", "defer", "flush", "hold", "saved", "corrupt", "trace",
                 "private"):
        (spool / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chown(spool / name, postfix, 0)
    for name, mode in (("maildrop", 0o730), ("public", 0o710)):
        (spool / name).mkdir(exist_ok=True)
        os.chown(spool / name, postfix, postdrop)
        (spool / name).chmod(mode)
    (spool / "pid").mkdir(exist_ok=True, mode=0o755)
    data = folder / "postfix/data"
    data.mkdir(parents=True, exist_ok=True)
    os.chown(data, postfix, 0)
    data.chmod(0o700)


# ---- starting and ending

def owner_of_mail():
    """Who may read the Maildirs: who called sudo, or nobody; Dovecot refuses to do it as root."""
    caller = int(os.environ.get("SUDO_UID", "0"))
    return pwd.getpwuid(caller) if caller else pwd.getpwnam("nobody")


def start(folder, ports=None, certificate="localhost"):
    """Starts both and returns what stands in FOLDER/env. Ports that are not given are chosen."""
    if os.geteuid() != 0:
        raise RigError("needs root, since Postfix does")
    folder = pathlib.Path(folder).resolve()
    if len(str(folder)) > 60:
        raise RigError(f"{folder} is too long a path for the servers' sockets")
    if (folder / "env").exists():
        raise RigError(f"{folder} is in use; stop it first")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    owner = owner_of_mail()
    for name in ("dovecot/run", "dovecot/state", "mail", "spool", "postfix"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
    make_certificates(folder)
    make_postfix_queue(folder)
    given = dict(ports or {})
    for attempt in range(5):  # another rig may take a port between our look and our bind
        wanted = {**dict(zip(PORTS, free_ports(len(PORTS)))), **given}
        try:
            return launch(folder, wanted, certificate, owner)
        except RigError:
            stop(folder)
            if attempt == 4 or len(given) == len(PORTS):
                raise


def launch(folder, ports, certificate, owner):
    (folder / "dovecot.conf").write_text(dovecot_configuration(folder, ports, certificate, owner))
    (folder / "postfix/main.cf").write_text(postfix_main(folder, certificate))
    (folder / "postfix/master.cf").write_text(postfix_master(ports))
    (folder / "postfix/header_checks").write_text("/^Authentication-Results:\\s*mail\\.acme\\.test/ IGNORE\n")
    output = open(folder / "start.log", "ab")
    with output:
        for words in (["dovecot", "-c", folder / "dovecot.conf"],
                      # -w: comes back when the master has bound its ports, or says that it could not
                      [f"{POSTFIX_PROGRAMS}/master", "-c", folder / "postfix", "-w"]):
            code = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=output, timeout=60, close_fds=True, cwd="/",
                                  env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MAIL_CONFIG": str(folder / "postfix"),
                                       "LANG": "C"}).returncode
            if code:
                raise RigError(f"{words[0]} ended with {code}: {last_lines(folder)}")
    for name in PORTS:
        wait_for_listener(ports[name], folder)
    values = {"FOLDER": folder, "CA": folder / "ca.pem", "PASSWORD": PASSWORD,
              **{name.upper(): port for name, port in ports.items()}}
    (folder / "env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return values


def last_lines(folder):
    texts = [path.read_text(errors="replace") for path in sorted(folder.glob("*.log"))]
    return "\n".join(line for text in texts for line in text.splitlines()[-5:])


def wait_for_listener(port, folder):
    for _ in range(200):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.02)
    raise RigError(f"nothing listens on 127.0.0.1:{port}: {last_lines(folder)}")


def master_of(folder, pid_file, program):
    """The server's first process; nothing when the number belongs to another program by now."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((folder / pid_file).read_text())
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        # both carry the folder in their arguments, which no other program's process does
        if program.encode() in words and str(folder).encode() in words:
            return pid
    return None


def runs(pid):
    """Not when it has ended and only waits for somebody to fetch its exit code."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def stop(folder):
    """Ends the two servers of this folder, and no other process; its files stay."""
    folder = pathlib.Path(folder).resolve()
    masters = [pid for pid in (master_of(folder, "spool/pid/master.pid", "master"),
                               master_of(folder, "dovecot/run/master.pid", "dovecot")) if pid]
    for pid in masters:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 5
    while any(runs(pid) for pid in masters) and time.monotonic() < end:
        time.sleep(0.02)
    for pid in masters:
        if runs(pid):
            os.kill(pid, signal.SIGKILL)
    (folder / "env").unlink(missing_ok=True)
