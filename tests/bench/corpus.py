"""Mails to measure with: the same ones in every run, about 9 KB each, in the shapes that reports have."""
import email.message
import email.policy
import random

WORDS = ("the a request parameter server reflects user input without encoding it so that script of an attacker runs in "
         "the browser upload endpoint accepts any file type token session cookie admin password query database login form "
         "header response injection remote path traversal version affected impact steps to reproduce open click send "
         "observe proof of concept expected actual result fix suggestion").split()
SUBJECTS = ("Stored XSS in profile page", "SQL injection in search", "Open redirect after login", "CSRF on settings",
            "Path traversal in download", "Information disclosure", "Subdomain takeover", "RCE in import job")
POLICY = email.policy.SMTP.clone(max_line_length=200)


def address(number):
    return f"reporter{number}@bench.test"


def _prose(chance, size):
    lines, length = [], 0
    while length < size:
        line = " ".join(chance.choice(WORDS) for _ in range(chance.randrange(8, 14)))
        lines.append(line)
        length += len(line) + 1
    return "\n".join(lines) + "\n"


def _start(chance, number):
    mail = email.message.EmailMessage(policy=POLICY)
    mail["From"] = f"Reporter {number} <{address(number)}>"
    mail["To"] = "security@acme.test"
    mail["Subject"] = f"{chance.choice(SUBJECTS)} ({number})"
    mail["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    mail["Message-ID"] = f"<{number}.{chance.randrange(10**9)}@bench.test>"
    return mail


def plain(number):
    chance = random.Random(number)
    mail = _start(chance, number)
    mail.set_content(_prose(chance, 8500), cte="7bit")
    return mail.as_bytes()


def _quoted_printable(chance, number):
    mail = _start(chance, number)
    mail.set_content("Grüße – ein Fund.\n" + _prose(chance, 8000), cte="quoted-printable")
    return mail.as_bytes()


def _alternative(chance, number):
    mail = _start(chance, number)
    text = _prose(chance, 3500)
    mail.set_content(text)
    mail.add_alternative("<html><body><p>" + text.replace("\n", "<br>\n") + "</p></body></html>", subtype="html")
    return mail.as_bytes()


def _with_script(chance, number):
    mail = _start(chance, number)
    mail.set_content(_prose(chance, 3000))
    mail.add_attachment(_prose(chance, 4000).encode(), maintype="text", subtype="x-python", filename="poc.py")
    return mail.as_bytes()


def _with_picture(chance, number):
    mail = _start(chance, number)
    mail.set_content(_prose(chance, 2500))
    mail.add_attachment(chance.randbytes(4500), maintype="image", subtype="png", filename="screenshot.png")
    return mail.as_bytes()


def mixed(count):
    """Half plain, half in the other shapes, in an order that is always the same."""
    shapes = (_quoted_printable, _alternative, _with_script, _with_picture)
    return [plain(number) if number % 2 == 0
            else shapes[number // 2 % len(shapes)](random.Random(number), number) for number in range(count)]
