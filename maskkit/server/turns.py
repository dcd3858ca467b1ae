"""Whose turn it is among the jobs of the table, in SQL: see `maskkit.server.jobs.Jobs.claim`.

Statements are built once: what changes from call to call are their parameters.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, Text, and_, bindparam, func, not_, or_, select

from maskkit.server.table import epoch, jobs_table, listed

__all__ = ["LONGEST_LEASE", "MAX_ATTEMPTS", "PATIENCE", "PRIORITY", "first_in_turn", "is_lapsed"]

MAX_ATTEMPTS = 3
LONGEST_LEASE = 3600.0
PATIENCE = 60.0  # seconds after which a batch job gets a slot although others wait that go before it
PRIORITY = {"performance": 0, "batch": 1}
_c = jobs_table.c


def first_in_turn() -> ScalarSelect[str]:
    """The id of the job whose turn it is.

    Its parameters are lists as JSON: ``in_hand`` and ``passed_over`` (ids), ``served`` (clients).
    """
    other = jobs_table.alias("other")
    batch = select(other.c.id).where(_is_held(other.c), other.c.priority == PRIORITY["batch"])
    is_late = and_(_c.priority == PRIORITY["batch"], _c.created < epoch() - PATIENCE, not_(batch.exists()))
    busy = select(other.c.client, func.count().label("jobs")).where(_is_held(other.c))
    runs = busy.group_by(other.c.client).subquery()
    lapsed = and_(is_lapsed(), _c.attempts < MAX_ATTEMPTS)
    return (
        select(_c.id)
        .outerjoin_from(jobs_table, runs, _c.client == runs.c.client)
        .where(
            or_(_c.state == "pending", lapsed),
            _not_among(_c.id, "passed_over"),
            _not_among(_c.client, "served"),
        )
        .order_by(is_late.desc(), _c.priority, func.coalesce(runs.c.jobs, 0), _c.created)
        .limit(1)
        .with_for_update(of=jobs_table, skip_locked=True)  # PostgreSQL; SQLite has one writer anyway
        .scalar_subquery()
    )


def _not_among(column: Any, name: str) -> ColumnElement[bool]:
    return cast(ColumnElement[bool], column.bool_op("NOT IN")(listed(bindparam(name, type_=Text()))))


def _holds(lease: Any) -> ColumnElement[bool]:
    return cast(ColumnElement[bool], lease.between(epoch(), epoch() + LONGEST_LEASE))


def _is_held(columns: Any) -> ColumnElement[bool]:
    return and_(columns.state == "running", _holds(columns.lease))


def is_lapsed() -> ColumnElement[bool]:
    """The job runs under a lease that is over, and is not one of the list that is bound to ``in_hand``."""
    return and_(_c.state == "running", not_(_holds(_c.lease)), _not_among(_c.id, "in_hand"))
