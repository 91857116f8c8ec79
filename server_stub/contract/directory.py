"""Units, people, posts: the address book (通讯录)."""

from .wire import Request, Wire


class Unit(Wire, frozen=True, kw_only=True):
    """A unit (单位/部门). Levels: 1 市, 2 区县, 3 乡镇街道, 4 村社区, 5 网格; departments hang anywhere."""

    id: str
    parent_id: str = ""
    name: str
    short_name: str = ""
    level: int = 0
    order: int = 0
    unit_count: int = 0
    """Direct sub-units that the caller may see."""
    people_count: int = 0
    """People in the whole subtree."""


class Post(Wire, frozen=True, kw_only=True):
    """A person's post (职务) in a unit; `main` marks the one shown first."""

    unit_id: str
    unit_name: str
    unit_path: str = ""
    """Names from the city down, joined with " / "."""
    title: str = ""
    main: bool = False
    order: int = 0


class PersonField(Wire, frozen=True, kw_only=True):
    """A value of a field that administrators defined (3.1.3.8); `name` is the field's."""

    id: str
    name: str
    value: str


class Person(Wire, frozen=True, kw_only=True):
    """A person as the caller may see him; `phone` is empty where the caller has no right to it."""

    id: str
    name: str
    pinyin: str = ""
    initials: str = ""
    phone: str = ""
    rank: str = ""
    """职级, such as 一级调研员."""
    posts: list[Post] = []
    avatar_file: str = ""
    active: bool = True
    vip: bool = False
    version: int = 0
    fields: list[PersonField] = []
    """Own fields of the organisation: those on the card; all of them for administrators."""


class UnitChildren(Wire, frozen=True, kw_only=True):
    """The direct content of a unit: its people in order, then its sub-units in order."""

    unit: Unit
    path: list[Unit]
    units: list[Unit]
    people: list[Person]
    people_total: int
    """Direct people; more than `people` when paged."""


class PeopleBatch(Request, frozen=True, kw_only=True):
    """Ask for people by id, at most 500 at once."""

    ids: list[str]


class People(Wire, frozen=True, kw_only=True):
    """People in the order asked or ranked; those the caller may not see are left out."""

    people: list[Person]


class CardsChanged(Request, frozen=True, kw_only=True):
    """Ask which cards are others than they were: `ids`, at most 500 at once; none asks only whether there is anything to ask for."""

    after: int
    """An `event_id` of an earlier answer; 0: from the beginning."""
    ids: list[str] = []


class ChangedCards(Wire, frozen=True, kw_only=True):
    """What changed since."""

    event_id: int
    """To ask with next time, once all ids were asked for."""
    some: bool
    """Whether anybody's card changed at all."""
    everybody: bool = False
    """More changed than is kept one by one, or how cards are shown: everything that is kept is old."""
    people: list[Person] = []
    """Those of `ids` that changed, as the caller may see them now; others are left out."""


class SearchResult(Wire, frozen=True, kw_only=True):
    """Answer of a directory search, best first."""

    people: list[Person]
    units: list[Unit]


class PeopleQuery(Request, frozen=True, kw_only=True):
    """A search with a condition each, across units (高级搜索); empty ones are left out, all others must fit.

    `fields`: field id → text; only fields that may be searched.
    """

    name: str = ""
    post: str = ""
    unit_id: str = ""
    """With all units below."""
    line: str = ""
    fields: dict[str, str] = {}
    limit: int = 100


class ImportRowError(Wire, frozen=True, kw_only=True):
    """What is wrong with one row; `row` counts from 1 and includes the heading, as the spreadsheet shows it."""

    row: int
    column: str
    value: str
    message: str


class ImportPreview(Wire, frozen=True, kw_only=True):
    """What an import would do. Nothing is written before `ImportApply`.

    `rows` counts rows with something in them, `good` those that can be written: a person with one bad row is left
    out whole.
    """

    id: str
    filename: str
    rows: int
    good: int
    new_units: int
    new_people: int
    changed_people: int
    unchanged_people: int = 0
    error_count: int = 0
    """All errors; `errors` holds the first 500."""
    errors: list[ImportRowError] = []
    warning_count: int = 0
    warnings: list[ImportRowError] = []
    columns: dict[str, str] = {}
    """Field name → heading found in the file."""
    sample: list[list[str]] = []


class ImportRow(Wire, frozen=True, kw_only=True):
    """One row of a previewed file. `cells` stand in the order of `ImportPreview.columns`.

    `state`: "new", "changed", "same", "bad" (has an error of its own) or "left" (its person has an error elsewhere).
    """

    row: int
    state: str
    cells: list[str]
    problems: list[ImportRowError] = []
    warnings: list[ImportRowError] = []


class ImportRows(Wire, frozen=True, kw_only=True):
    """A page of a previewed file's rows; `total` counts all that the filter lets through."""

    total: int
    rows: list[ImportRow]


class ImportApply(Request, frozen=True, kw_only=True):
    """Carry out a previewed import; `accept_partial` is needed when it has errors."""

    accept_partial: bool = False


class ImportResult(Wire, frozen=True, kw_only=True):
    """What an import wrote."""

    units: int
    people: int
    changed: int
    skipped: int
    """Rows left out because of errors."""
