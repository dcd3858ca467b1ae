"""The page in a real browser: Debian's chromium and chromium-driver, driven by Selenium."""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import maskkit

from .conftest import photo_bytes

pytest.importorskip("selenium")
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs chromium and chromium-driver (Debian packages of these names)"
)
DESKTOP, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "no-proxy-server"):
        options.add_argument(f"--{flag}")
    options.add_argument("--host-resolver-rules=MAP shop.test 127.0.0.1")
    several = {"profile.default_content_setting_values.automatic_downloads": 1}
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads), **several})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "disc.png"
    path.write_bytes(photo_bytes(900, 600))
    return path


@pytest.fixture
def page(browser, service):
    def open_page(size=DESKTOP, base=service.base, theme="light"):
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": theme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        browser.get(base)
        return browser

    yield open_page
    said = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert not [entry for entry in said if "status of 4" not in entry["message"]], said


def find(browser, css):
    return browser.find_element(By.CSS_SELECTOR, css)


def until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(Exception):
            if found := condition():
                return found
        time.sleep(0.03)
    raise AssertionError(f"not within {seconds} s: {what}")


def status(browser):
    return find(browser, "#status").text


def drop(browser, path):
    find(browser, "#photo").send_keys(str(path))
    until(lambda: "mask by" in status(browser), "the mask")


# requests that wait until the test lets them go; how many were asked, and how many are over
HOLD = """
const real = window.fetch;
Object.assign(window, {holding: true, held: [], asked: 0, over: 0});
window.fetch = async (...request) => {
  window.asked++;
  try {
    if (window.holding) await new Promise(go => window.held.push(go));
    return await real(...request);
  } finally { window.over++; }
};
"""


def hold(browser):
    browser.execute_script(HOLD)


def let_go(browser, index=0):
    browser.execute_script("window.holding = false; window.held[arguments[0]]()", index)


def held(browser, count):
    until(lambda: browser.execute_script("return window.held.length") == count, "the request is on its way")


def after(browser, milliseconds):
    """The browser's clock goes on: what a timer was to do is done."""
    browser.execute_async_script("setTimeout(arguments[1], arguments[0])", milliseconds)


def drag(browser, path):
    """Drop a file on the page, wherever."""
    import base64

    browser.execute_script(
        """const [name, content] = arguments; const carried = new DataTransfer();
        carried.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name));
        document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: carried, bubbles: true}));""",
        path.name,
        base64.b64encode(path.read_bytes()).decode(),
    )


def bring_mask(browser, path):
    browser.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    find(browser, "#own-mask").send_keys(str(path))


def refused(browser):
    return "bad" in find(browser, "#status").get_attribute("class")


def pixels(browser, selector="#after"):
    """The image of the page as the browser decodes it."""
    browser.set_script_timeout(20)
    encoded = browser.execute_async_script(
        """const [selector, done] = arguments; const image = document.querySelector(selector);
        image.decode().then(() => { const canvas = document.createElement('canvas');
        canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
        canvas.getContext('2d').drawImage(image, 0, 0); done(canvas.toDataURL('image/png')); });""",
        selector,
    )
    import base64

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded.partition(",")[2]))).convert("RGBA"))


def settle(browser, act):
    before = find(browser, "#after").get_attribute("src")
    act()
    until(lambda: find(browser, "#after").get_attribute("src") != before, "another picture")
    until(lambda: not find(browser, "#busy").is_displayed(), "rest")


def slide(browser, control, value):
    script = "const [id, v] = arguments; const e = document.getElementById(id); e.value = v;"
    browser.execute_script(script + "e.dispatchEvent(new Event('input', {bubbles: true}))", control, value)


def screenshot(browser, name):
    if folder := os.environ.get("MASKKIT_SCREENSHOTS"):
        browser.save_screenshot(str(Path(folder) / f"{name}.png"))


def test_from_a_dropped_photo_to_a_download(page, photo, downloads):
    browser = page()
    screenshot(browser, "1-empty")
    assert find(browser, "#controls").get_attribute("inert") is not None
    drop(browser, photo)
    cut = pixels(browser)
    assert cut.shape == (600, 900, 4)
    assert cut[300, 450, 3] == 255
    assert cut[5, 5, 3] == 0
    screenshot(browser, "2-cutout")

    settle(browser, lambda: find(browser, "input[value=mask]").find_element(By.XPATH, "..").click())
    mask = pixels(browser)
    assert mask[300, 450].tolist() == [255, 255, 255, 255]
    assert mask[5, 5].tolist() == [0, 0, 0, 255]
    settle(browser, lambda: slide(browser, "grow", 20))
    grown = pixels(browser)
    assert (grown[..., 0] > 127).sum() > (mask[..., 0] > 127).sum() * 1.1
    settle(browser, lambda: slide(browser, "feather", 10))
    feathered = pixels(browser)[..., 0]
    assert ((feathered > 20) & (feathered < 235)).sum() > ((mask > 20) & (mask < 235))[..., 0].sum() + 1000
    screenshot(browser, "3-mask")
    settle(browser, lambda: find(browser, "input[value=cutout]").find_element(By.XPATH, "..").click())
    settle(browser, lambda: find(browser, "input[value=black]").click())
    assert pixels(browser)[5, 5].tolist() == [0, 0, 0, 255]
    settle(browser, lambda: find(browser, "input[value='blur:24']").click())
    screenshot(browser, "4-blur")
    settle(browser, lambda: find(browser, "button[type=reset]").click())
    assert find(browser, "output[for=grow]").text == "0 px"

    find(browser, "#download").click()
    until(lambda: "is yours" in status(browser), "the download's end")
    saved = until(lambda: next(downloads.glob("disc-cutout.png")), "the file")
    picture = np.asarray(Image.open(saved))
    assert picture.shape == (600, 900, 4)
    opaque = picture[..., 3] == 255  # elsewhere the old background is taken out of the colour
    assert opaque.sum() > 10_000
    assert np.array_equal(picture[opaque][:, :3], np.asarray(Image.open(photo))[opaque])


def test_the_slider_compares_and_obeys_the_keyboard(page, photo):
    browser = page()
    drop(browser, photo)
    slider = find(browser, "#split")
    until(lambda: slider.get_attribute("value") == "0", "the result is shown")
    for _ in range(40):
        slider.send_keys(Keys.ARROW_RIGHT)
    assert slider.get_attribute("value") == "20"
    shown = browser.execute_script("return getComputedStyle(document.getElementById('before')).clipPath")
    assert "80%" in shown
    slide(browser, "split", 50)
    screenshot(browser, "5-compare")


def test_at_phone_width_nothing_sticks_out(page, photo):
    browser = page(PHONE)
    screenshot(browser, "6-phone-empty")
    drop(browser, photo)
    slide(browser, "split", 35)
    wide = "return [document.documentElement.scrollWidth, innerWidth]"
    assert browser.execute_script(wide) == [PHONE[0]] * 2
    screenshot(browser, "7-phone")
    find(browser, "#download").location_once_scrolled_into_view  # noqa: B018 - the access scrolls
    screenshot(browser, "8-phone-controls")
    small = browser.execute_script(
        """return [...document.querySelectorAll('button, select, .swatches label, .tabs label')]
        .filter(e => e.offsetParent && (e.offsetHeight < 36 || e.offsetWidth < 36)).map(e => e.outerHTML)"""
    )
    assert small == [], "too small for a finger"


def names(browser):
    """What a screen reader says: role and name of all there is, from Chromium's accessibility tree."""
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    known = [node for node in tree if not node["ignored"]]
    return {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in known}


def press(browser, *keys):
    browser.switch_to.active_element.send_keys(*keys)


def focused(browser):
    return browser.execute_script("return document.activeElement.id || document.activeElement.name")


def test_effects_and_the_same_picture_elsewhere(page, photo, downloads, tmp_path):
    browser = page()
    shutil.copy(photo, tmp_path / "o'disc.png")
    drop(browser, tmp_path / "o'disc.png")
    settle(browser, lambda: find(browser, "input[value=white]").click())
    plain = pixels(browser)
    settle(browser, lambda: Select(find(browser, "#shadow")).select_by_value("drop"))
    shaded = pixels(browser)
    assert (shaded[..., :3].astype(int) - plain[..., :3]).min() < -60
    settle(browser, lambda: slide(browser, "outline", 12))
    assert (pixels(browser)[..., :3] != shaded[..., :3]).any(2).sum() > 1000
    color = find(browser, "#outline-color")
    assert color.is_displayed()
    settle(
        browser,
        lambda: browser.execute_script(
            "arguments[0].value = '#ff0000'; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            color,
        ),
    )
    assert (pixels(browser)[..., :3] == (255, 0, 0)).all(2).sum() > 1000
    screenshot(browser, "7-effects")
    find(browser, "#download").click()
    saved = until(lambda: next(downloads.glob("o'disc-picture.png")), "the file")

    browser.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    find(browser, "#as-curl").click()
    command = until(lambda: find(browser, "#elsewhere").get_attribute("value"), "the command")
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    made = tmp_path / "o'disc-picture.png"
    assert made.read_bytes() == saved.read_bytes()
    made.unlink()
    find(browser, "#as-python").click()
    program = until(
        lambda: (text := find(browser, "#elsewhere").get_attribute("value")).startswith("import") and text,
        "the program",
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    assert np.array_equal(np.asarray(Image.open(made)), np.asarray(Image.open(saved)))
    screenshot(browser, "8-elsewhere")


def test_a_download_in_layers_or_without_alpha_where_that_can_be(page, photo, downloads, tmp_path):
    browser = page()
    shutil.copy(photo, tmp_path / "layered.png")
    drop(browser, tmp_path / "layered.png")
    media = Select(find(browser, "#media-type"))

    def offered():
        return [one.text for one in media.options if one.is_enabled()]

    def saved(name, kind):
        media.select_by_value(kind)
        find(browser, "#download").click()
        return until(lambda: next(downloads.glob(name)), name)

    assert offered() == ["PNG", "WebP", "PSD", "ORA"], "a cutout has alpha"
    settle(browser, lambda: find(browser, "input[name=backdrop][value=picture]").click())
    assert "JPEG" not in offered(), "no picture is there yet"
    settle(browser, lambda: find(browser, "#picture").send_keys(str(photo)))
    assert "JPEG" in offered()
    settle(browser, lambda: find(browser, "input[value=white]").click())
    settle(browser, lambda: Select(find(browser, "#shadow")).select_by_value("drop"))
    assert offered() == ["PNG", "WebP", "JPEG", "PSD", "ORA"]
    flat = np.asarray(Image.open(saved("layered-picture.png", "image/png")))
    with Image.open(saved("layered-picture.jpg", "image/jpeg")) as opaque:
        assert opaque.format == "JPEG"
    for suffix, kind in (("ora", "image/openraster"), ("psd", "image/vnd.adobe.photoshop")):
        layers = maskkit.read_layers(saved(f"layered-picture.{suffix}", kind))
        assert [one.name for one in layers.layers][:2] == ["backdrop", "drop shadow"]
        assert np.array_equal(layers.merged.pixels[..., :3], flat[..., :3])
    browser.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    find(browser, "#as-python").click()
    program = until(lambda: find(browser, "#elsewhere").get_attribute("value"), "the program")
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    again = maskkit.read_layers(tmp_path / "layered-picture.psd")
    assert np.array_equal(again.merged.pixels, layers.merged.pixels)
    screenshot(browser, "9-layers")
    settle(
        browser, lambda: find(browser, "input[name=view][value=mask]").find_element(By.XPATH, "..").click()
    )
    assert offered() == ["PNG", "WebP"]
    assert media.first_selected_option.text == "PNG", "a mask has no layers"


def take(browser, tool):
    find(browser, f"input[name=tool][value='{tool}']").find_element(By.XPATH, "..").click()
    until(lambda: not find(browser, "#busy").is_displayed(), "rest")
    until(lambda: find(browser, "#over").is_displayed() == (tool != "look"), "the tool's picture")


def pointer(browser, *points):
    """Press at the first point, drag over the others, let go; in shares of the photo."""
    over = find(browser, "#over")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", over)
    box = browser.execute_script("return arguments[0].getBoundingClientRect().toJSON()", over)
    kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 1), "mouseReleased"]
    for kind, (x, y) in zip(kinds, [*points, points[-1]], strict=True):
        at = {"x": box["left"] + x * box["width"], "y": box["top"] + y * box["height"]}
        told = {"type": kind, "button": "left", "buttons": 1, "clickCount": 1, **at}
        browser.execute_cdp_cmd("Input.dispatchMouseEvent", told)


def corrected(browser, act):
    act()
    until(lambda: "Correcting" not in status(browser) and "mask by" in status(browser), "the mask")
    until(lambda: not find(browser, "#busy").is_displayed(), "rest")


def two_discs(folder, name="pair.png"):
    """Two red discs on a grey wall, left and right."""
    y, x = np.mgrid[:400, :800]
    seen = np.random.default_rng(5).integers(200, 210, (400, 800, 3), np.uint8)
    for middle in (220, 580):
        seen[np.hypot(y - 200, x - middle) < 110] = (200, 30, 40)
    Image.fromarray(seen).save(folder / name)
    return folder / name


def test_marks_correct_the_mask_and_go_into_every_way_out(page, tmp_path, downloads):
    import maskkit as mk
    from maskkit.recipe import load

    browser = page()
    path = two_discs(tmp_path)
    drop(browser, path)
    assert pixels(browser)[200, 580, 3] == 255
    take(browser, "paint drop")
    corrected(browser, lambda: pointer(browser, *((x / 800, 0.5) for x in (510, 545, 580, 615, 650))))
    take(browser, "keep")
    corrected(browser, lambda: pointer(browser, (220 / 800, 0.5)))
    screenshot(browser, "12-marks")
    take(browser, "look")
    until(lambda: pixels(browser)[200, 580, 3] == 0, "the right disc is dropped")
    assert pixels(browser)[200, 220, 3] == 255
    find(browser, "#download").click()
    saved = np.asarray(Image.open(until(lambda: next(downloads.glob("pair-cutout.png")), "the file")))
    assert (saved[200, 220, 3], saved[200, 580, 3]) == (255, 0)

    browser.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    find(browser, "#as-recipe").click()
    kept = until(lambda: next(downloads.glob("pair-recipe.json")), "the recipe")
    again = mk.replay(load(kept).but(source="classical"), path)
    assert np.array_equal(again.pixels, saved)
    find(browser, "#as-curl").click()
    painted = until(lambda: next(downloads.glob("pair-drop.png")), "the strokes")
    shutil.move(painted, tmp_path / painted.name)
    (tmp_path / "pair-cutout.png").unlink(missing_ok=True)
    command = find(browser, "#elsewhere").get_attribute("value")
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "pair-cutout.png")), saved)

    until(lambda: find(browser, "#undo").is_enabled(), "marks to take back")
    corrected(browser, find(browser, "#clear").click)
    until(lambda: pixels(browser)[200, 580, 3] == 255, "all marks are taken back")
    assert not find(browser, "#undo").is_enabled()


def test_marks_by_the_keyboard(page, tmp_path):
    browser = page()
    drop(browser, two_discs(tmp_path))
    take(browser, "drop")
    browser.execute_script("document.getElementById('over').focus()")
    browser.execute_script("document.getElementById('over').scrollIntoView({block: 'center'})")
    press(browser, *[Keys.SHIFT + Keys.ARROW_RIGHT + Keys.SHIFT] * 4, *[Keys.ARROW_RIGHT] * 5)
    screenshot(browser, "13-cross")
    corrected(browser, lambda: press(browser, Keys.ENTER))
    take(browser, "box")
    browser.execute_script("document.getElementById('over').focus()")
    press(browser, Keys.ENTER, Keys.ARROW_LEFT, Keys.ESCAPE)
    take(browser, "look")
    until(lambda: pixels(browser)[200, 600, 3] < 100, "what is under the cross is dropped")
    assert pixels(browser)[200, 220, 3] == 255


def test_a_mark_that_is_refused_is_taken_back(page, photo):
    browser = page()
    drop(browser, photo)
    take(browser, "keep")
    corrected(browser, lambda: pointer(browser, (0.5, 0.5)))
    take(browser, "drop")
    browser.execute_script(
        """const real = window.fetch; window.fetch = async () => {
        window.fetch = real; return new Response('{"message": "drop: no"}', {status: 422}); }"""
    )
    pointer(browser, (0.1, 0.1))
    until(lambda: refused(browser), "the refusal")
    until(lambda: find(browser, "#undo").is_enabled(), "the first mark is kept")
    find(browser, "#undo").click()
    until(lambda: not find(browser, "#undo").is_enabled(), "there was one mark")


def test_a_subject_is_placed_on_a_canvas(page, photo, downloads):
    browser = page()
    drop(browser, photo)
    browser.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    settle(browser, lambda: Select(find(browser, "#preset")).select_by_value("square"))
    seen = pixels(browser)
    assert seen.shape == (1200, 1200, 4)
    assert seen[5, 5].tolist() == [255] * 4
    assert abs(np.ptp(np.flatnonzero((seen[..., 1] < 128).any(0))) / 1200 - 0.85) < 0.02
    assert not find(browser, "#split").is_displayed()
    screenshot(browser, "14-placed")
    settle(browser, lambda: Select(find(browser, "#preset")).select_by_value(""))
    for name, value in (("canvas-width", 400), ("canvas-height", 300), ("margin", "30px 10%")):
        find(browser, f"#{name}").send_keys(str(value))
    settle(browser, lambda: find(browser, "input[aria-label='bottom right']").click())
    until(lambda: pixels(browser).shape == (300, 400, 4), "the canvas")
    before = set(downloads.glob("disc-cutout*.png"))  # of other tests
    find(browser, "#download").click()
    saved = until(lambda: next(iter({*downloads.glob("disc-cutout*.png")} - before)), "the file")
    alpha = np.asarray(Image.open(saved))[..., 3] > 5
    rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    assert rows[-1] in (268, 269)
    assert columns[-1] in (358, 359)


def test_several_photos_go_by_one_recipe(page, photo, tmp_path, downloads):
    browser = page()
    tall = tmp_path / "tall.png"
    tall.write_bytes(photo_bytes(300, 400))
    (tmp_path / "broken.png").write_text("no picture")
    paths = [two_discs(tmp_path, "first.png"), tall, tmp_path / "broken.png"]
    find(browser, "#photo").send_keys("\n".join(map(str, paths)))
    until(lambda: "800 \u00d7 400 pixels; mask by" in status(browser), "the first photo")
    settle(browser, lambda: find(browser, "input[value=black]").click())
    shown = browser.find_elements(By.CSS_SELECTOR, "#strip button")
    assert [one.get_attribute("aria-label") for one in shown] == ["first.png", "tall.png", "broken.png"]
    shown[1].click()
    until(lambda: "300 \u00d7 400 pixels; mask by" in status(browser), "the second photo")
    until(lambda: pixels(browser).shape == (400, 300, 4), "its picture")
    assert pixels(browser)[5, 5].tolist() == [0, 0, 0, 255]
    screenshot(browser, "15-strip")
    find(browser, "#download-all").click()
    until(lambda: "2 of 3 are yours. broken.png: " in status(browser), "all that can be had")
    for name, size in (("first", (800, 400)), ("tall", (300, 400))):
        made = until(lambda name=name: next(downloads.glob(f"{name}-picture.png")), name)
        with Image.open(made) as picture:
            assert picture.size == size
    done = [one.get_attribute("aria-label") for one in browser.find_elements(By.CSS_SELECTOR, "#strip .done")]
    assert done == ["first.png, downloaded", "tall.png, downloaded"]


def test_a_picture_is_pasted(page, photo):
    import base64

    browser = page()
    browser.execute_script(
        """const carried = new DataTransfer();
        carried.items.add(new File([Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0))], "image.png"));
        document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: carried, bubbles: true}));""",
        base64.b64encode(photo.read_bytes()).decode(),
    )
    until(lambda: "900 \u00d7 600 pixels; mask by" in status(browser), "the pasted picture")


AXE = "axe-core@4.14.1"


@pytest.fixture(scope="module")
def axe():
    """The text of npm's axe-core, kept in the folder MASKKIT_TEST_NPM."""
    folder, npm = os.environ.get("MASKKIT_TEST_NPM"), shutil.which("npm")
    if not folder or not npm:
        pytest.skip("MASKKIT_TEST_NPM (a folder to keep axe-core in) is not set, or npm is missing")
    script = Path(folder) / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        words = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, AXE]
        if subprocess.run(words, check=False, capture_output=True).returncode:
            pytest.skip(f"npm cannot fetch {AXE}")
    return script.read_text("utf-8")


def violations(browser, axe):
    browser.execute_script(axe)
    browser.set_script_timeout(60)
    found = browser.execute_async_script("axe.run().then(arguments[0])")["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


@pytest.mark.service
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page, axe, tmp_path, theme, size):
    browser = page(size, theme=theme)
    assert violations(browser, axe) == []
    two_discs(tmp_path, "first.png")
    paths = [tmp_path / "first.png", two_discs(tmp_path, "second.png")]
    find(browser, "#photo").send_keys("\n".join(map(str, paths)))
    until(lambda: "mask by" in status(browser), "the mask")
    browser.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    screenshot(browser, f"16-{theme}-{size[0]}")
    assert violations(browser, axe) == []
    take(browser, "paint keep")
    screenshot(browser, f"17-{theme}-{size[0]}-marks")
    assert violations(browser, axe) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    browser.execute_script("document.getElementById('account').showModal()")
    assert violations(browser, axe) == []


def test_every_control_has_a_name(page, photo):
    browser = page()
    assert ("button", "Drop photos here or choose files") in {
        (role, name[:32]) for role, name in names(browser)
    }
    drop(browser, photo)
    browser.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    find(browser, "input[value=color]").click()
    said = names(browser)
    edits = {("slider", name) for name in ("Grow", "Feather", "Decontaminate", "Threshold", "Outline")}
    assert {("button", "Copy as curl"), ("button", "Copy as Python"), ("combobox", "Shadow")} <= said
    assert edits <= said
    backdrops = ("None", "White", "Black", "Blur", "Colour", "Picture")
    assert {("radio", name) for name in (*backdrops, "Cutout", "Mask")} <= said
    assert {("button", name) for name in ("Download picture", "Reset", "Add photos", "Start over")} <= said
    assert {("heading", "maskkit"), ("link", "API"), ("ColorWell", "Colour")} <= said
    assert {("combobox", "File format of the download"), ("form", "Edit"), ("region", "Picture")} <= said
    assert ("slider", "Compare: how much of the original is shown, in percent") in said
    assert any(role == "status" for role, _ in said)
    controls = ("button", "slider", "radio", "combobox", "link", "textbox", "ColorWell", "image")
    assert [role for role, name in said if role in controls and not name] == []


def test_with_the_keyboard_alone(page, photo):
    browser = page()
    press(browser, Keys.TAB, Keys.TAB)
    assert focused(browser) == "photo"
    drop(browser, photo)  # what the dialog of the system does
    until(lambda: focused(browser) == "split", "the focus goes on to the picture")
    walk = []
    for _ in range(19):
        press(browser, Keys.TAB)
        walk.append(focused(browser))
        ring = "const e = document.activeElement; return e.matches(':focus-visible')"
        assert browser.execute_script(ring), walk
    edits = ["view", "tool", "refine", "threshold", "grow", "feather", "decontaminate", "backdrop", "shadow"]
    assert walk[:10] == [*edits, "outline"]
    assert walk[14:16] == ["download", "media-type"], (
        "after what unfolds: effects, placement, mask, elsewhere"
    )
    assert walk[17:19] == ["more", "another"], "after Reset, which has no id"
    while focused(browser) != "backdrop":
        press(browser, Keys.SHIFT + Keys.TAB)
    settle(browser, lambda: press(browser, Keys.ARROW_RIGHT))
    assert pixels(browser)[5, 5].tolist() == [255, 255, 255, 255]
    while focused(browser) != "another":
        press(browser, Keys.TAB)
    press(browser, Keys.ENTER)
    assert focused(browser) == "photo"
    assert find(browser, "#drop").is_displayed()


CONTRAST = """
const rgb = text => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(
  c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const ground = element => {
  for (let e = element; e; e = e.parentElement) {
    const paint = rgb(getComputedStyle(e).backgroundColor);
    if (paint.length === 3 || paint[3] > 0) return paint;
  }
};
return [...document.querySelectorAll('body *')].filter(
  e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
).map(e => {
  const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
  return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.tagName, e.textContent.trim().slice(0, 30)];
});
"""


BEYOND = """
const panel = document.querySelector('#controls').getBoundingClientRect();
return [...document.querySelectorAll('#controls *')].filter(e => e.checkVisibility()).filter(e => {
  const box = e.getBoundingClientRect();
  return box.right > panel.right + 0.5 || box.left < panel.left - 0.5;
}).map(e => e.id || e.tagName);
"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_control_sticks_out_of_the_panel(page, photo, size):
    browser = page(size)
    drop(browser, photo)
    browser.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    slide(browser, "outline", 12)
    assert browser.execute_script(BEYOND) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_by_day_and_by_night(page, photo, theme, size):
    browser = page(size, theme=theme)
    drop(browser, photo)
    browser.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    seen = browser.execute_script(CONTRAST)
    screenshot(browser, f"10-{theme}-{size[0]}")
    browser.execute_script("document.getElementById('account').showModal()")
    seen += browser.execute_script(CONTRAST)
    screenshot(browser, f"11-{theme}-{size[0]}-sign-in")
    assert len(seen) > 30
    assert [one for one in seen if one[0] < 4.5] == [], "WCAG 2.2, 1.4.3: 4.5 to 1"
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground))) < 200) == (theme == "dark")
    box = find(browser, "#account").rect
    assert 16 <= box["x"] <= size[0] - box["width"] - 16, "the dialog keeps off the edges"
    find(browser, "#not-now").click()
    assert not find(browser, "#account").is_displayed()


def test_what_is_no_photo_is_said(page, tmp_path):
    browser = page()
    path = tmp_path / "notes.png"
    path.write_text("no picture")
    find(browser, "#photo").send_keys(str(path))
    until(lambda: "cannot open notes.png" in status(browser), "the message")
    assert find(browser, "#drop").is_displayed()


def test_a_photo_that_only_the_server_can_read_is_shown_by_it(page, tmp_path, downloads):
    browser = page()
    turned = Image.open(io.BytesIO(photo_bytes(300, 200))).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # it stands upright once it is turned by 90 degrees
    turned.save(tmp_path / "scan.tiff", exif=exif)
    drop(browser, tmp_path / "scan.tiff")
    assert "300 \u00d7 200 pixels" in status(browser)
    shown = pixels(browser, "#before")
    own = np.asarray(Image.open(io.BytesIO(photo_bytes(300, 200)))).astype(int)
    assert shown.shape[:2] == (200, 300)
    assert np.abs(shown[..., :3] - own).mean() < 4
    find(browser, "#download").click()
    saved = until(lambda: next(downloads.glob("scan-cutout.png")), "the file")
    until(lambda: "is yours" in status(browser), "the download's end")
    with Image.open(saved) as made:
        assert made.size == (300, 200)


def test_a_file_that_is_too_large_is_refused_before_anything_is_sent(page, photo, tmp_path):
    browser = page()
    hold(browser)
    with photo.open("rb") as source, (tmp_path / "large.png").open("wb") as large:
        large.write(source.read() + bytes(2_000_000))
    find(browser, "#photo").send_keys(str(tmp_path / "large.png"))
    until(lambda: refused(browser), "the refusal")
    assert "the server takes 2." in status(browser)
    assert browser.execute_script("return window.asked") == 0


def test_a_mask_of_the_previews_size_is_refused_at_once(page, tmp_path):
    browser = page()
    (tmp_path / "wide.jpg").write_bytes(photo_bytes(1600, 800, "JPEG"))
    for name, size in (("preview.png", (1200, 600)), ("full.png", (1600, 800))):
        Image.new("L", size, 255).save(tmp_path / name)
    drop(browser, tmp_path / "wide.jpg")
    bring_mask(browser, tmp_path / "preview.png")
    until(lambda: refused(browser), "the refusal")
    assert "The mask has 1200 \u00d7 600 pixels, the photo 1600 \u00d7 800." in status(browser)
    bring_mask(browser, tmp_path / "full.png")
    until(lambda: "your own mask" in status(browser), "the mask is taken")


def test_a_server_that_asks_who_we_are(page, serving, photo, tmp_path):
    from maskkit.server.credentials import add_client

    secret = add_client(tmp_path / "clients", "shop")
    server = serving(credentials=tmp_path / "clients")
    browser = page(base=server.base)
    find(browser, "#photo").send_keys(str(photo))
    until(lambda: find(browser, "#account").is_displayed(), "the dialog")
    screenshot(browser, "9-sign-in")
    find(browser, "#client-id").send_keys("shop")
    find(browser, "#token").send_keys(secret + Keys.ENTER)
    until(lambda: "mask by" in status(browser), "the mask")


def test_esc_in_the_dialog_keeps_who_we_are(page, serving, photo, tmp_path):
    from maskkit.server.credentials import add_client

    secret = add_client(tmp_path / "clients", "shop")
    browser = page(base=serving(credentials=tmp_path / "clients").base)
    find(browser, "#photo").send_keys(str(photo))
    until(lambda: find(browser, "#account").is_displayed(), "the dialog")
    find(browser, "#client-id").send_keys("shop")
    find(browser, "#token").send_keys(secret + Keys.ENTER)
    until(lambda: "mask by" in status(browser), "the mask")
    find(browser, "#sign-in").click()
    press(browser, Keys.ESCAPE)
    until(lambda: not find(browser, "#account").is_displayed(), "the dialog is closed")
    after(browser, 50)
    assert secret in browser.execute_script("return sessionStorage.getItem('maskkit')")


def test_a_host_that_is_refused_is_no_reason_to_sign_in(page, service, photo):
    browser = page(base=service.base.replace("127.0.0.1", "shop.test"))
    find(browser, "#photo").send_keys(str(photo))
    until(lambda: "loopback names only" in status(browser), "the server's reason")
    assert not find(browser, "#account").is_displayed()
    assert not find(browser, "#sign-in").is_displayed()


def test_the_second_of_two_photos_keeps_its_own_mask(page, photo, tmp_path):
    browser = page()
    tall = tmp_path / "tall.png"
    tall.write_bytes(photo_bytes(300, 400))
    hold(browser)
    find(browser, "#photo").send_keys(str(photo))
    held(browser, 1)
    drag(browser, tall)
    held(browser, 2)
    let_go(browser, 1)
    until(lambda: "300 \u00d7 400 pixels; mask by" in status(browser), "the second photo's mask")
    let_go(browser, 0)
    until(lambda: browser.execute_script("return window.over === window.asked"), "the first one's answer")
    after(browser, 50)
    settle(browser, lambda: slide(browser, "grow", 5))
    assert not refused(browser), status(browser)
    assert pixels(browser).shape == (400, 300, 4)


def test_another_photo_drops_what_is_on_its_way(page, photo):
    browser = page()
    drop(browser, photo)
    browser.execute_script(
        """const grow = document.getElementById('grow'); grow.value = 5;
        grow.dispatchEvent(new Event('input', {bubbles: true}));
        document.getElementById('another').click();"""
    )
    after(browser, 300)
    assert status(browser) == ""
    drop(browser, photo)
    hold(browser)
    bring_mask(browser, photo)
    held(browser, 1)
    find(browser, "#another").click()
    let_go(browser)
    until(lambda: browser.execute_script("return window.over === window.asked"), "the answer")
    after(browser, 50)
    assert status(browser) == ""
    assert find(browser, "#drop").is_displayed()
    drop(browser, photo)
    assert pixels(browser)[5, 5, 3] == 0


def test_a_mask_that_was_refused_is_not_used(page, photo, tmp_path, downloads):
    browser = page()
    small, fit = tmp_path / "small.png", tmp_path / "fit.png"
    Image.new("L", (7, 5), 255).save(small)
    Image.new("L", (900, 600), 255).save(fit)
    path = tmp_path / "masked.png"
    path.write_bytes(photo.read_bytes())
    drop(browser, path)
    bring_mask(browser, small)
    until(lambda: refused(browser), "the refusal")
    assert "mask" in status(browser)
    until(lambda: find(browser, "#own-mask").get_attribute("value") == "", "the file is forgotten")
    find(browser, "#download").click()
    saved = until(lambda: next(downloads.glob("masked-cutout.png")), "the file")
    until(lambda: "is yours" in status(browser), "the download's end")
    assert np.asarray(Image.open(saved))[5, 5, 3] == 0
    settle(browser, lambda: bring_mask(browser, fit))
    until(lambda: "your own mask" in status(browser), "the mask is taken")
    assert pixels(browser)[5, 5, 3] == 255
    settle(browser, lambda: find(browser, "button[type=reset]").click())
    until(lambda: "mask by" in status(browser), "the estimated one again")
    assert pixels(browser)[5, 5, 3] == 0


def test_one_preview_at_a_time_and_then_the_newest(page, photo):
    browser = page()
    drop(browser, photo)
    hold(browser)
    slide(browser, "grow", 5)
    held(browser, 1)
    for value in (10, 15, 20):
        slide(browser, "grow", value)
        after(browser, 150)
    assert browser.execute_script("return window.asked") == 1
    let_go(browser)
    until(lambda: browser.execute_script("return window.over") == 2, "the newest")
    until(lambda: not find(browser, "#busy").is_displayed(), "rest")
    sent = (np.asarray(pixels(browser))[..., 3] > 127).sum()
    settle(browser, lambda: slide(browser, "grow", 15))
    assert (pixels(browser)[..., 3] > 127).sum() < sent, "the last preview was of 20"


def test_a_file_name_is_text(page, tmp_path):
    browser = page()
    name = "<img src=x onerror=document.title='bitten'>.png"
    (tmp_path / name).write_bytes(photo_bytes(64, 48))
    drop(browser, tmp_path / name)
    find(browser, "#download").click()
    until(lambda: "is yours" in status(browser), "the download's end")
    assert "<img src=x" in status(browser)
    (tmp_path / name).write_text("no picture")
    drag(browser, tmp_path / name)
    until(lambda: "cannot open <img src=x" in status(browser), "the message")
    assert not browser.find_elements(By.CSS_SELECTOR, "#status img")
    assert browser.title != "bitten"


def test_nothing_is_loaded_from_elsewhere(page, service, photo):
    browser = page()
    drop(browser, photo)
    names = "return performance.getEntriesByType('resource').map(e => e.name)"
    assert all(name.startswith((service.base, "blob:")) for name in browser.execute_script(names))
    policy = service.client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_api_is_told_without_scripts_and_without_the_network(page, service, size):
    browser = page(size, base=f"{service.base}/docs")
    known = service.client.get("/openapi.json").json()["paths"]
    operations = {(verb.upper(), path) for path, verbs in known.items() for verb in verbs}
    shown = [heading.text.split() for heading in browser.find_elements(By.CSS_SELECTOR, "article h3")]
    assert len(shown) == len(operations)
    assert set(map(tuple, shown)) == operations
    names = browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert names
    assert all(name.startswith(service.base) for name in names)
    assert not browser.find_elements(By.TAG_NAME, "script")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    find(browser, "nav a[href*=composite]").click()
    assert find(browser, "article:target code").text == "/composite"
    find(browser, "article:target summary").click()
    assert "429" in find(browser, "article:target details").text
    assert "unsafe" not in service.client.get("/docs").headers["content-security-policy"]
    screenshot(browser, f"docs-{size[0]}")
