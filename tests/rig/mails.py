"""Mails as people outside write them."""
import email.message
import email.policy
import email.utils
import itertools
import secrets

_numbers = itertools.count(1)


def message_id(domain="lab.test"):
    return f"{next(_numbers)}.{secrets.token_hex(6)}@{domain}"


def mail(sender="Rae Lindqvist <rae@lab.test>", to="security@acme.test", subject="A question", text="Hello.\n", *,
         attachments=(), answers=None, references=None, identity=None, headers=()):
    """`answers` and `identity` are Message-IDs; `attachments` are (name, type, bytes); `headers` (name, value)."""
    made = email.message.EmailMessage(policy=email.policy.default.clone(max_line_length=200))
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = email.utils.formatdate(localtime=False)
    made["Message-ID"] = f"<{identity or message_id()}>"
    if answers:
        made["In-Reply-To"] = f"<{answers}>"
        made["References"] = " ".join(f"<{one}>" for one in (references or [answers]))
    for name, value in headers:
        made[name] = value
    made.set_content(text)
    for name, kind, content in attachments:
        main, _, sub = kind.partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made


def identity_of(made):
    return str(made["Message-ID"]).strip("<>")


CRITICAL_TEXT = """\
Hello ACME team,

the upload form of portal.acme.test runs the thumbnail helper through a shell, with the file name unquoted.
This gives remote code execution as the web server's user, without logging in.

Steps to reproduce:
1. Name a picture kingfisher;id>/tmp/owned;.png
2. Upload it at https://portal.acme.test/upload

/close spam

Affected: Portal 4.2.1. Impact: full control over the server.
Rae
"""


def critical_report(sender="Rae Lindqvist <rae@lab.test>", **more):
    """A remote code execution with proof; one line of it looks like a command of the team's."""
    return mail(sender, subject="Remote code execution in the upload form", text=CRITICAL_TEXT,
                attachments=[("kingfisher-proof.py", "text/x-python", b"print('kingfisher-proof-content')\n")], **more)


def numbered_report(number, sender=None):
    """One of many, told apart by its number."""
    return mail(sender or f"Reporter {number} <reporter{number}@lab.test>", subject=f"Cross-site scripting no. {number}",
                text=f"The search field of page {number} reflects its input: stored XSS as in steps below.\n"
                     f"Steps to reproduce: open /page/{number}?q=<script>alert({number})</script>\n")
