"""Programs run on a terminal of a given width, without one."""
import fcntl
import os
import pty
import struct
import subprocess
import termios


def on_terminal(words, columns=100, environment=None):
    """What the command shows there, standard error included, and its exit code."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM", "COLUMNS")}
    child = subprocess.Popen([str(word) for word in words], stdin=follower, stdout=follower, stderr=follower,
                             env={**inherited, "TERM": "xterm-256color", **(environment or {})})
    os.close(follower)
    shown = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:  # what Linux says when the last writer is gone
            break
        if not chunk:
            break
        shown += chunk
    os.close(leader)
    return shown.decode("utf-8"), child.wait(10)
