"""Rows read at once, and what is left to a thread."""

import pytest
from sqlalchemy import bindparam, select

from maskkit.server.glance import Glance, NotAtOnceError
from maskkit.server.jobs import Jobs
from maskkit.server.table import jobs_table

BY_ID = select(jobs_table).where(jobs_table.c.id == bindparam("job"))


@pytest.fixture
def table(tmp_path):
    table = Jobs(f"sqlite:///{tmp_path / 'jobs.sqlite'}")
    yield table
    table.close()


def test_it_sees_what_a_thread_sees_at_every_moment(table):
    job_id = table.submit("shop", "v2", {"input": "https://a.test/1.png"}, "batch")
    assert table.glance(job_id, "shop") == table.get(job_id, "shop")
    job = table.claim("me", 30)
    assert table.glance(job_id, "shop") == job
    table.finish(job, {}, {"file": "x"})
    assert table.glance(job_id, "shop") == table.get(job_id, "shop")
    assert table.glance(job_id, "desk") is table.glance("another", "shop") is None


def test_what_is_locked_damaged_or_elsewhere_is_left_to_a_thread(tmp_path):
    (tmp_path / "damaged.sqlite").write_bytes(b"no database at all" * 100)
    for url in ("postgresql+psycopg://localhost/none", f"sqlite:///{tmp_path / 'damaged.sqlite'}"):
        glance = Glance(url, BY_ID)
        with pytest.raises(NotAtOnceError):
            glance.row(job="x")
        glance.close()
