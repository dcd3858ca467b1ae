"""Tables of photos: what a line can say, and how a bad one is named."""

import json
import tracemalloc

import numpy as np
import pytest
from batches.conftest import fill, hashes, opened, pair
from PIL import Image

import maskkit as mk
from maskkit.batches.manifest import rows
from maskkit.errors import CodecError, PixelError


def lines(folder, name, *records):
    """The same records as a table of any kind."""
    file = folder / name
    if name.endswith(".jsonl"):
        file.write_text("".join(json.dumps(one) + "\n" for one in records))
    elif name.endswith(".parquet"):
        parquet = pytest.importorskip("pyarrow.parquet")
        pyarrow = pytest.importorskip("pyarrow")
        columns = dict.fromkeys(key for one in records for key in one)
        parquet.write_table(pyarrow.table({key: [one.get(key) for one in records] for key in columns}), file)
    else:
        apart = "\t" if name.endswith(".tsv") else ","
        columns = list(dict.fromkeys(key for one in records for key in one))
        rows = [[str(one.get(column, "")) for column in columns] for one in records]
        file.write_text("".join(apart.join(row) + "\n" for row in [columns, *rows]))
    return file


def batch(file, **options):
    return mk.batch(file, file.parent / "out", executor="threads", **options)


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_each_line_has_its_mask_output_and_options(tmp_path, kind):
    fill(tmp_path, 3)
    file = lines(
        tmp_path,
        f"orders.{kind}",
        {"photo": "photos/000.png", "mask": "masks/000.png", "output": "shoes/left.png"},
        {"photo": "photos/001.png", "mask": "masks/001.png", "invert": "true", "output": ""},
        {"photo": "photos/002.png", "mask": "masks/002.png", "backdrop": "photos/000.png", "to": "webp"},
    )
    summary = batch(file, lossless=True)
    assert (summary.done, summary.failed) == (3, 0)
    assert sorted(hashes(tmp_path / "out")) == ["001.png", "002.webp", "shoes/left.png"]
    photo, mask = pair(1)
    assert (opened(tmp_path / "out/001.png")[2] == np.dstack([photo, 255 - mask])).all()
    (photo, mask), behind = pair(2), pair(0)[0]
    assert (opened(tmp_path / "out/002.webp")[2] == np.where(mask[..., None] > 0, photo, behind)).all()


def test_a_line_has_the_last_word_and_what_it_says_is_journalled(tmp_path):
    fill(tmp_path, 2)
    masked = [{"photo": f"photos/00{n}.png", "mask": f"masks/00{n}.png"} for n in range(2)]
    file = lines(tmp_path, "a.jsonl", masked[0], masked[1] | {"feather": 2})
    assert batch(file, feather=1).done == 2
    for number, feather in enumerate((1, 2)):
        expected = mk.cutout(*pair(number), feather=feather).pixels
        assert (opened(tmp_path / f"out/00{number}.png")[2] == expected).all()
    assert batch(file, feather=1).kept == 2
    lines(tmp_path, "a.jsonl", masked[0], masked[1] | {"feather": 3})
    assert (batch(file, feather=1).done, batch(file, feather=1).kept) == (1, 2)
    Image.fromarray(pair(9)[1]).save(tmp_path / "masks/000.png")
    assert batch(file, feather=1).done == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("photo,feather\na.png,1\na.png,soft\n", "line 3: feather: need a number, got 'soft'"),
        ("photo,feathr\na.png,1\n", "line 2: feathr: is no option of a manifest; did you mean 'feather'"),
        ("photo,mask\n,m.png\n", "line 2: photo: is missing"),
        ("photo\na.png,b.png\n", "line 2: has more cells than there are columns"),
        ("photo,output\na.png,../../etc/a.png\n", "line 2: output: need a path inside the destination"),
        ("photo,output\na.png,/a.png\n", "line 2: output: need a path inside the destination"),
        ("photo,output\na.png,a.xyz\n", "line 2: output: a.xyz: unknown extension"),
        ('photo\n"a.png\n', "unexpected end of data"),
        ("photo,invert\na.png,perhaps\n", "line 2: invert: need true or false, got 'perhaps'"),
        ("photo,refine\na.png,hare\n", "line 2: refine: need one of"),
    ],
)
def test_a_bad_line_is_named_by_its_number_before_anything_is_made(tmp_path, text, said):
    file = tmp_path / "orders.csv"
    file.write_text(text)
    with pytest.raises(PixelError) as refused:
        batch(file)
    assert str(refused.value).startswith(str(file))
    assert said in str(refused.value)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("line", ["[1]", "{", '{"photo": 3}', '{"photo": "a.png", "keep": [[1]]}'])
def test_bad_json_at_line_70000_is_named(tmp_path, line):
    file = tmp_path / "orders.jsonl"
    file.write_text('{"photo": "a.png"}\n' * 69_999 + line + "\n")
    with pytest.raises(PixelError, match=r"orders\.jsonl, line 70000: "):
        sum(1 for _ in rows(str(file)))


def test_two_lines_of_one_output_are_named_both(tmp_path):
    fill(tmp_path, 1)
    file = lines(tmp_path, "a.csv", {"photo": "photos/000.png"}, {"photo": "photos/000.png"})
    with pytest.raises(PixelError, match=r"\(.*a\.csv, line 2\) and .*\(.*a\.csv, line 3\) would both"):
        batch(file)


def test_what_is_no_table_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"photo\n\xff\xfe\n")
    with pytest.raises(CodecError, match="is not text in UTF-8"):
        batch(tmp_path / "a.csv")
    with pytest.raises(CodecError, match="cannot be read"):
        batch(tmp_path / "missing.csv")
    pytest.importorskip("pyarrow")
    (tmp_path / "a.parquet").write_bytes(b"no table")
    with pytest.raises(CodecError, match="is not Parquet"):
        batch(tmp_path / "a.parquet")


def test_a_manifest_is_read_a_line_at_a_time(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text('{"photo": "a.png"}\n' * 6000)
    tracemalloc.start()
    try:
        held = list(rows(str(file)))
        whole = tracemalloc.get_traced_memory()[0]
        assert len(held) == 6000
        del held
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        assert sum(1 for _ in rows(str(file))) == 6000
        assert tracemalloc.get_traced_memory()[1] - before < 0.2 * whole
    finally:
        tracemalloc.stop()
