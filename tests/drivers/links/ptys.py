"""A serial port without a wire."""

import os
import pty
import tty


class Pair:
    """A pty: we hold one end, the link under test opens the other by its path."""

    def __init__(self) -> None:
        self.ours, theirs = pty.openpty()
        tty.setraw(self.ours)
        tty.setraw(theirs)
        self.path = os.ttyname(theirs)
        os.close(theirs)
        os.set_blocking(self.ours, False)

    def vanish(self) -> None:
        if self.ours >= 0:
            os.close(self.ours)
            self.ours = -1
