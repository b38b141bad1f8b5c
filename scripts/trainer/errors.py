"""Typed refusals: every way the trainer says no has a code that TypeScript can read."""


class Stop(Exception):
    """Ends the command with an exit code, a code word, a reason and, where there is one, a fix."""

    exit_code = 1

    def __init__(self, code: str, reason: str, fix: str | None = None):
        super().__init__(f"{code}: {reason}")
        self.code, self.reason, self.fix = code, reason, fix


class Refused(Stop):
    """The request or its data can not be worked on; nothing was started."""

    exit_code = 2


class Diverged(Stop):
    """The loss stopped being a number; the last good checkpoint stands."""

    exit_code = 4


class Integrity(Stop):
    """Bytes differ from what was recorded."""

    exit_code = 6


class Busy(Stop):
    """Another trainer holds the run folder."""

    exit_code = 7


class Interrupted(Stop):
    """Asked to leave; a checkpoint was saved."""

    exit_code = 130
