"""What a group's members may do, as its owner and administrators set it (E110 to E114)."""

from enum import StrEnum

from .wire import Wire

FOREVER = 2**53 - 1
"""A mute without an end, Unix milliseconds."""


class JoinRule(StrEnum):
    """Who becomes a member by the group's code (入群许可, E111)."""

    FREE = "free"
    APPROVAL = "approval"
    """An administrator of the group says yes or no; so he does when a plain member invites."""
    INVITE = "invite"
    """Nobody: members are added from inside only."""


class Who(StrEnum):
    """To whom a right is given."""

    ALL = "all"
    MANAGERS = "managers"
    """Owner and administrators of the group."""


class GroupRules(Wire, frozen=True, kw_only=True):
    """The rules of one group. `mention_all` is kept by the clients alone: the server cannot read who is named."""

    join: JoinRule = JoinRule.FREE
    invite: Who = Who.ALL
    edit: Who = Who.MANAGERS
    """Name and picture."""
    upload: Who = Who.ALL
    """Files and folders of the group's space."""
    mention_all: Who = Who.MANAGERS
    receipts: bool = True
    """Whether members see who has read (已读回执, E113); without it the server tells nobody's cursors to others."""
    history: bool = False
    """Whether newcomers see what was written before (E112)."""
