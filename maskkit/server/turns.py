"""Whose turn it is among the jobs of the table, in SQL: see `maskkit.server.jobs.Jobs.claim`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, not_, or_, select

from maskkit.server.table import epoch, jobs_table

__all__ = ["LONGEST_LEASE", "MAX_ATTEMPTS", "PATIENCE", "PRIORITY", "first_in_turn", "is_lapsed"]

MAX_ATTEMPTS = 3
LONGEST_LEASE = 3600.0
PATIENCE = 60.0  # seconds after which a batch job gets a slot although others wait that go before it
PRIORITY = {"performance": 0, "batch": 1}
_c = jobs_table.c


def first_in_turn(
    in_hand: Collection[str], passed_over: Collection[str], served: Collection[str] = ()
) -> ScalarSelect[str]:
    """The id of the job whose turn it is, none of ``passed_over`` and of no client in ``served``."""
    other = jobs_table.alias("other")
    batch = select(other.c.id).where(_is_held(other.c), other.c.priority == PRIORITY["batch"])
    is_late = and_(_c.priority == PRIORITY["batch"], _c.created < epoch() - PATIENCE, not_(batch.exists()))
    busy = select(other.c.client, func.count().label("jobs")).where(_is_held(other.c))
    runs = busy.group_by(other.c.client).subquery()
    lapsed = and_(is_lapsed(in_hand), _c.attempts < MAX_ATTEMPTS)
    return (
        select(_c.id)
        .outerjoin_from(jobs_table, runs, _c.client == runs.c.client)
        .where(or_(_c.state == "pending", lapsed), _c.id.not_in(passed_over), _c.client.not_in(served))
        .order_by(is_late.desc(), _c.priority, func.coalesce(runs.c.jobs, 0), _c.created)
        .limit(1)
        .with_for_update(of=jobs_table, skip_locked=True)  # PostgreSQL; SQLite has one writer anyway
        .scalar_subquery()
    )


def _holds(lease: Any) -> ColumnElement[bool]:
    return cast(ColumnElement[bool], lease.between(epoch(), epoch() + LONGEST_LEASE))


def _is_held(columns: Any) -> ColumnElement[bool]:
    return and_(columns.state == "running", _holds(columns.lease))


def is_lapsed(in_hand: Collection[str]) -> ColumnElement[bool]:
    """The job runs under a lease that is over, and is not one of ``in_hand``."""
    return and_(_c.state == "running", not_(_holds(_c.lease)), _c.id.not_in(in_hand))
