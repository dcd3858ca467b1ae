"""The steps that every job takes, as SQL: stored, claimed, given up. Built once, asked for at every job.

What changes from call to call are their parameters.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import (
    Double,
    Insert,
    Integer,
    Select,
    String,
    Text,
    Update,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from maskkit.server.table import epoch, jobs_table
from maskkit.server.turns import first_in_turn

__all__ = ["BY_ID", "TEXTS", "claiming", "leaving", "submitting", "waiting"]

_c = jobs_table.c
BY_ID = select(jobs_table).where(_c.id == bindparam("job"))
TEXTS = ("order", "result", "error")
_ROW = ("id", "client", "contract", "order", "state", "priority", "attempts")


@cache
def waiting() -> Select[int]:
    """How many ``jobs`` wait."""
    return select(func.count().label("jobs")).where(_c.state == "pending")


@cache
def submitting() -> Insert:
    """Store a row, unless a limit is reached."""
    pending = waiting().scalar_subquery()
    is_open = and_(_c.client == bindparam("client"), or_(_c.state == "pending", _c.state == "running"))
    opened = select(func.count()).where(is_open).scalar_subquery()
    values = [bindparam(name, type_=_c[name].type).label(name) for name in _ROW]
    source = select(*values, epoch(), epoch()).where(
        pending < bindparam("max_queue", type_=Integer), opened < bindparam("max_per_client", type_=Integer)
    )
    return insert(jobs_table).from_select([*_ROW, "created", "modified"], source).returning(_c.id)


@cache
def leaving() -> Update:
    """Give up a claim that still stands; texts that are not given stay as they are."""
    mine = and_(
        _c.id == bindparam("job"),
        _c.owner == bindparam("who"),
        _c.state == "running",
        _c.attempts == bindparam("attempt"),
    )
    texts = {name: func.coalesce(bindparam(f"new_{name}", type_=Text()), _c[name]) for name in TEXTS}
    left = {
        "state": bindparam("left", type_=String()),
        "attempts": _c.attempts - bindparam("uncounted", type_=Integer),
        "owner": None,
        "lease": None,
        "modified": epoch(),
    }
    return update(jobs_table).where(mine).values(left | texts).returning(_c.id)


@cache
def claiming() -> Update:
    """Take the job whose turn it is."""
    claimed = {
        "state": "running",
        "owner": bindparam("who"),
        "lease": epoch() + bindparam("seconds", type_=Double),
        "attempts": _c.attempts + 1,
        "modified": epoch(),
    }
    return update(jobs_table).where(_c.id == first_in_turn()).values(claimed).returning(*_c)
