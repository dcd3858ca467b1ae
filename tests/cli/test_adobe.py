"""`maskkit mask --source adobe` and `maskkit doctor` through the real command."""

import json
import os
import re
import signal
import subprocess
import sys
from io import BytesIO
from time import sleep

import numpy as np
import pytest
from PIL import Image

import maskkit
from maskkit import codec
from maskkit.testing import ScriptedServer
from maskkit.testing.pictures import ellipse

pytest.importorskip("obstore", reason="maskkit[staging] is not installed")


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def run(server, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(server.photo)

    def command(*words, **environ):
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("MASKKIT", "AWS"))}
        return subprocess.run(
            [sys.executable, "-m", "maskkit", *words],
            env={**plain, **server.environ(), **environ},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_mask(run, server, tmp_path, api):
    words = ("--source", "adobe", "--api", api, "--mask-type", "binary", "--deadline", "60")
    done = run("mask", "photo.jpg", "-o", "mask.png", *words)
    assert done.returncode == 0, done.stderr
    assert f"adobe {api}" in done.stdout
    np.testing.assert_array_equal(codec.read_mask(tmp_path / "mask.png") >= 128, ellipse(48, 64) >= 128)
    assert server.store.files == {}
    secret = server.client_secret
    assert secret not in done.stdout + done.stderr


def test_cutout_and_composite(run, server, tmp_path):
    assert run("cutout", "photo.jpg", "-o", "cutout.png", "--source", "adobe").returncode == 0
    assert codec.read(tmp_path / "cutout.png").pixels.shape == (48, 64, 4)
    words = ("--source", "adobe", "-b", "#336699")
    done = run("composite", "photo.jpg", "-o", "composite.png", *words)
    assert done.returncode == 0, done.stderr
    assert len(server.tasks) == 2


LATER = {  # what would be refused once the mask is there
    "a backdrop that is none": (["composite", "-b", "whit"], "'whit' is neither a file"),
    "a backdrop that cannot be read": (["composite", "-b", "bad.png"], "bad.png: is not an image"),
    "a format without alpha": (["cutout", "-o", "made.jpg"], "jpeg holds no transparency"),
    "a format that is lossy": (["mask", "-o", "made.jpg", "--lossless"], "jpeg as written here is lossy"),
    "margins without room": (["cutout", "--margin", "60%"], "leaves no room"),
    "no colour to match": (["cutout", "--tint-match", "0.5"], "no colour to match"),
    "a trim that nothing passes": (["cutout", "--trim", "0", "--trim-level", "1"], "nothing would be left"),
    "a recipe's folder": (["cutout", "--save-recipe", "none/r.toml"], "there is no such folder"),
    "strokes that cannot be read": (["cutout", "--keep-mask", "bad.png"], "--keep-mask: bad.png: is not an"),
}


@pytest.mark.parametrize("case", LATER)
def test_what_would_be_refused_later_is_refused_unpaid(run, server, tmp_path, case):
    words, said = LATER[case]
    (tmp_path / "bad.png").write_bytes(b"no picture")
    output = [] if "-o" in words else ["-o", "made.png"]
    done = run(words[0], "photo.jpg", *words[1:], *output, "--source", "adobe")
    assert (done.returncode, len(server.tasks)) == (1, 0)
    assert said in done.stderr
    assert not list(tmp_path.glob("*.job.json"))


def test_what_is_warned_of_is_said_once(run, server, tmp_path):
    extra = np.full((40, 40, 5), 90, np.uint8)  # a fifth sample that the file does not call alpha
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "behind.tif", extra, photometric="rgb", extrasamples=[0, 0])
    done = run("composite", "photo.jpg", "-b", "behind.tif", "-o", "made.png", "--source", "adobe")
    assert (done.returncode, len(server.tasks)) == (0, 1), done.stderr
    assert done.stderr.count("behind.tif") == 1, done.stderr


def test_a_batch_and_a_replay_refuse_unpaid_too(server, tmp_path, monkeypatch):
    for name, value in server.environ().items():
        monkeypatch.setenv(name, value)
    (tmp_path / "photo.jpg").write_bytes(server.photo)
    recipe = maskkit.Recipe(source="adobe", product="composite", backdrop="whit")
    done = maskkit.batch(tmp_path / "photo.jpg", tmp_path / "out", recipe=recipe, executor="threads")
    assert (done.failed, len(server.tasks)) == (1, 0)
    with pytest.raises(maskkit.PixelError, match="'whit' is neither"):
        maskkit.replay(recipe, tmp_path / "photo.jpg")
    assert not server.tasks


def on_a_terminal(server, folder, *words, **environ):
    """What the command writes to a terminal on stderr, and to a pipe on stdout."""
    pty = pytest.importorskip("pty", reason="no terminals here")
    (folder / "photo.jpg").write_bytes(server.photo)
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "maskkit", "mask", "photo.jpg", "-o", "m.png", *words],
        env=os.environ | server.environ() | environ,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
    )
    os.set_blocking(ours, False)
    try:
        seen = os.read(ours, 4096).decode()
    except BlockingIOError:
        seen = ""
    os.close(theirs)
    os.close(ours)
    return seen, done.stdout.decode()


def test_a_terminal_sees_how_far_things_are(server, tmp_path):
    server.statuses = ("pending", "running", "running", "running", "succeeded")
    seen, said = on_a_terminal(server, tmp_path, "--source", "adobe")
    *steps, rest = seen.split("\r\x1b[K")[1:]
    steps = [step for step in steps if not step.endswith(" ...")]  # what follows here, after the service
    assert [steps[0], steps[1], steps[-1]] == ["staging", "submitted", "fetched"]
    states = steps[2:-1]
    assert re.fullmatch(r"pending \d+ s", states[0])
    assert all(re.fullmatch(r"running \d+ s", state) for state in states[1:])
    seconds = [int(state.split()[1]) for state in states]
    assert seconds == sorted(seconds)
    assert seconds[-1] >= 1
    assert rest == "", "the line is cleared in the end"
    assert said.startswith("m.png: 64x48, mask: adobe v1")


@pytest.mark.parametrize(("word", "said"), [("--quiet", ""), ("--json", "{")])
def test_no_progress_where_nobody_wants_it(server, tmp_path, word, said):
    seen, printed = on_a_terminal(server, tmp_path, "--source", "adobe", word)
    assert seen == ""
    assert printed[:1] == said


def test_auto_says_whom_it_asks_before_it_pays(run, server):
    server.fail("POST /sensei/mask", 402)
    done = run("mask", "photo.jpg", "-o", "mask.png")
    assert (done.returncode, server.tasks) == (1, {})
    first, second = done.stderr.splitlines()
    assert first == f"mask by {server.url} (v1); --source classical asks nobody"
    assert "402" in second
    done = run("mask", "photo.jpg", "-o", "mask.png")
    assert (done.returncode, done.stderr.splitlines()) == (0, [first])
    assert run("mask", "photo.jpg", "-o", "mask.png", "--quiet").stderr == ""
    assert run("mask", "photo.jpg", "-o", "mask.png", "--source", "adobe").stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_cleans_up(server, tmp_path):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let background jobs ignore it
    server.statuses = ("running",)
    (tmp_path / "photo.jpg").write_bytes(server.photo)
    words = [sys.executable, "-m", "maskkit", "mask", "photo.jpg", "-o", "m.png", "--source", "adobe"]
    with subprocess.Popen(
        words, env=os.environ | server.environ(), cwd=tmp_path, stderr=subprocess.PIPE
    ) as run:
        while not any("/status/" in request.path for request in server.received):
            assert run.poll() is None
            sleep(0.01)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=30)
    assert run.returncode == 130
    assert server.store.files == {}
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def dry_run(run, *words, **environ):
    done = run("mask", "photo.jpg", "-o", "mask.png", "--dry-run", "--source", "adobe", *words, **environ)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_dry_run_opens_no_connection(run, server, tmp_path):
    plan = dry_run(run, "--api", "v1")
    assert plan["service"] == server.url
    assert plan["request"] == f"POST {server.url}/sensei/mask"
    assert plan["body"]["output"]["mask"] == {"format": "soft"}
    upload = {"size": "64x48", "bytes": len(server.photo), "format": "JPEG", "as it is": True}
    assert plan["upload"] == {**upload, "to": "s3://bucket/masks", "storage": "external"}
    assert (plan["output"], plan["deadline"], plan["missing"]) == ("mask.png", 90, [])
    assert server.client_secret not in str(plan)
    assert server.received == []
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_dry_run_needs_no_credentials(run, tmp_path):
    Image.fromarray(np.zeros((30, 6200), np.uint8)).save(tmp_path / "photo.jpg")
    nothing = dict.fromkeys(("MASKKIT_API", "MASKKIT_BASE_URL", "MASKKIT_CLIENT_ID", "MASKKIT_STAGING"), "")
    plan = dry_run(run, "--deadline", "30", "--mask-type", "binary", **nothing)
    assert plan["request"] == "POST https://image.adobe.io/v2/remove-background"
    assert plan["body"]["mode"] == "mask"
    upload = plan["upload"]
    assert (upload["size"], upload["scaled_from"], upload["as it is"]) == ("6000x29", "6200x30", False)
    assert plan["deadline"] == 30
    assert [words.partition(":")[0] for words in plan["missing"]] == ["credentials", "staging"]


def test_dry_run_knows_the_kind_of_store(run):
    plan = dry_run(run, "--staging", "az://box/masks")
    assert plan["body"]["input"]["storage"] == plan["body"]["output"]["storage"] == "azure"
    assert plan["upload"]["to"] == "az://box/masks"
    assert "AZURE_STORAGE_ACCOUNT_KEY" in plan["missing"][0]


def test_dry_run_of_auto_spends_nothing(run, server):
    done = run("mask", "photo.jpg", "-o", "mask.png", "--dry-run")
    assert json.loads(done.stdout)["upload"]["size"] == "64x48"
    assert server.received == []


def test_options_of_the_service_ask_it_or_are_refused(run, server):
    done = run("mask", "photo.jpg", "-o", "mask.png", "--base-url", server.url, MASKKIT_STAGING="")
    assert "staging" in done.stderr
    done = run("mask", "photo.jpg", "-o", "mask.png", "--source", "classical", "--dry-run")
    assert (done.returncode, "needs --source adobe" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "mask.nope"),
        ("-o", "no-such-folder/mask.png"),
        ("-o", "mask.png", "--keep", "7"),
        ("-o", "mask.png", "--keep", "900,900"),
        ("-o", "mask.png", "--box", "0", "0", "-5", "900"),
        ("-o", "mask.png", "--model", "u2netp"),
    ],
)
def test_what_cannot_work_is_told_before_a_job_is_spent(run, server, words):
    done = run("mask", "photo.jpg", "--source", "adobe", *words)
    assert done.returncode != 0
    assert server.received == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("https://host.example/a.jpg?sig=my-secret",), (2, "need a file, got a URL")),
        (("photo.jpg", "--base-url", "image.adobe.io"), (1, "got 'image.adobe.io'")),
        (("photo.jpg", "--base-url", "https://me:my-secret@host"), (1, "without user, password")),
        (("photo.jpg", "--staging", "my-bucket"), (1, "need s3://bucket/prefix")),
    ],
)
def test_what_stumbles_is_told_in_a_line(run, server, tmp_path, words, expected):
    done = run("mask", *words, "-o", "mask.png", "--source", "adobe")
    assert done.returncode == expected[0]
    assert expected[1] in done.stderr
    assert "my-secret" not in done.stderr
    assert "Traceback" not in done.stderr
    assert server.received == []
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


@pytest.mark.parametrize("staging", ["", "gs://box"])
def test_what_was_never_staged_is_not_left_behind(run, staging):
    done = run("mask", "photo.jpg", "-o", "mask.png", "--source", "adobe", MASKKIT_STAGING=staging)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert done.stderr.startswith("maskkit: staging: ")


def test_a_deadline_in_the_environment_that_is_none(run):
    done = run("doctor", MASKKIT_DEADLINE="soon")
    assert (done.returncode, done.stderr) == (
        1,
        "maskkit: MASKKIT_DEADLINE: need a number of seconds, got 'soon'\n",
    )


def test_cmyk_is_converted(run, server, tmp_path, maskkit_server):
    image = Image.open(BytesIO(server.photo)).convert("CMYK")
    image.save(tmp_path / "cmyk.jpg")
    done = run("cutout", "cmyk.jpg", "-o", "cutout.png", "--source", "adobe")
    assert done.returncode == 0, done.stderr
    for photo in (tmp_path / "cmyk.jpg", image):
        with pytest.warns(maskkit.MaskkitWarning, match="CMYK"):
            assert maskkit.cutout(photo, source="adobe").pixels.shape == (48, 64, 4)
    assert len(maskkit_server.tasks) == 2


def test_an_error_is_one_line_without_secrets(run, server):
    done = run(
        "mask", "photo.jpg", "-o", "m.png", "--source", "adobe", MASKKIT_CLIENT_SECRET="wrong-secret-1"
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "wrong-secret-1" not in done.stderr


def test_fetch_mask_takes_all_from_the_environment(maskkit_server):
    mask = maskkit.fetch_mask(maskkit_server.photo, mask_type="binary")
    assert len(maskkit_server.tasks) == 1
    assert set(np.unique(mask)) == {0, 255}
