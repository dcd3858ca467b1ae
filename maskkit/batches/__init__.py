"""Many pictures at once: each is made as `maskkit.cutout` makes one, and one failure never stops the rest.

sources.py   files, folders and globs -> photos            manifest.py  a table -> photos, one a line
planning.py  photos -> tasks with an output each           verb.py      the verb
making.py    a task -> its file; runs in a worker          gate.py      the numbers that say which need eyes
lanes.py     workers, and what is lost with one            child.py     what a process of a pool does first
cluster.py   a Dask cluster as a lane               cluster_worker.py  what each of its workers keeps
objects.py   photos and outputs in object stores
watching.py  what arrives in a folder, once it is complete
budget.py    which doubtful masks a service is paid for
forecasting.py  what a run would do
streaming.py bounded: so many in flight, results stream    tasks.py     the records that travel
journal.py   what is done, in SQLite                       identity.py  by what a picture is known again
review.py    the doubtful ones on one page                 failures.py  the file of what failed
also.py      more outputs of each picture                  deciding.py  what is to be made at all
running.py   from inputs to a summary                      means.py     what a batch runs on

The names are loaded when they are first used: a worker imports what makes pictures, and nothing else.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
