"""The conversation with a masking service, over bytes and URLs: this room never sees a pixel.

effects.py   what a conversation asks of the outside      drivers.py    who does it: httpx, sync and async
messages.py  requests and answers as httpx has them       bounded.py    a total time for sync requests
flow.py      the conversation as a whole                  exchange.py   one request: credentials, retries
ordering.py  submit                                       waiting.py    poll, wait
stores.py    files to and from stores                     staging.py    signed URLs
auth.py      tokens, cached and refreshed                 pace.py       clock, back-off, rate limit
service.py   what is spoken to, and how                   answers.py    refusals as typed errors
environment.py   the same, from the environment           job.py        the record of a job, also as JSON
hosts.py     who may see credentials                      logs.py       "maskkit.adobe", without secrets
client.py    clients of bytes and URLs                    doctor.py     checks before a job is spent
connections.py   their connections, and proxies           leaving.py    when a body has left
readiness.py what is set and what is missing              edits.py      v2's options of a cutout
events.py    what is posted when a job has ended          store_keys.py keys of stores in the environment
"""

from maskkit.adobe.job import Job
from maskkit.adobe.pace import Pace, RateLimit
from maskkit.adobe.staging import ObjectStaging, SignedURLs, Staging

__all__ = ["Job", "ObjectStaging", "Pace", "RateLimit", "SignedURLs", "Staging"]
