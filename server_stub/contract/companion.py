"""The pages for a phone browser: signing in there. The session is a cookie that scripts cannot read."""

from .wire import Request, Wire


class PhoneSignIn(Request, frozen=True, kw_only=True):
    """Account name or phone number, password, and what the phone calls itself ("Android · Chrome")."""

    login: str
    password: str
    name: str = ""
    code: str = ""
    """From the text message, after CODE_NEEDED (E006)."""


class PhoneMe(Wire, frozen=True, kw_only=True):
    """Who is signed in on this phone."""

    person_id: str
    name: str
    unit: str = ""
    title: str = ""
