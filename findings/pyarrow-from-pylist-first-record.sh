#!/usr/bin/env bash
# pyarrow 26.0.1 (Python 3.11): `Table.from_pylist` takes its columns from the first record and drops the others' keys.
#
# A table of photos whose second line alone has a box loses the box without a word; `pa.array` of the same records keeps
# it, with null where it is missing. Guess: the columns are the keys of all records, as in pandas and in pa.array.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pyarrow==26.0.1 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import pyarrow as pa

records = [{'photo': 'a.jpg'}, {'photo': 'b.jpg', 'box': '1 2 3 4'}]
print(pa.Table.from_pylist(records).column_names)
print(pa.array(records).type)")
echo "$seen"
[ "$seen" = "['photo']
struct<photo: string, box: string>" ]
