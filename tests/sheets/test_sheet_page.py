"""The page in a real browser, from a file URL."""

import shutil

import numpy as np
import pytest

import maskkit as mk
from maskkit.sheets import Entry

pytest.importorskip("selenium")
from selenium import webdriver
from selenium.webdriver.common.by import By

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs chromium and chromium-driver (Debian packages of these names)"
)


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "no-proxy-server"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, tmp_path):
    y, x = np.mgrid[:96, :96]
    clean = np.zeros((96, 96, 4), np.uint8)
    clean[..., 3] = np.clip(30.5 - np.hypot(y - 48, x - 48), 0, 1) * 255
    holed = clean.copy()
    holed[48:50, 48:50, 3] = 0
    name = "<img src=x onerror=document.title='taken'>" + "long" * 60
    mk.sheet([Entry(clean, name=name), clean, holed], tmp_path / "sheet.html", title="Review")
    metrics = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get((tmp_path / "sheet.html").as_uri())
    return browser


def focused(page):
    return page.execute_script("return document.activeElement.getAttribute('aria-labelledby')")


def press(page, keys):
    page.switch_to.active_element.send_keys(keys)


def test_keys_step_through_and_find_the_next_with_findings(page):
    seen = []
    for key in "jjkkn":
        press(page, key)
        seen.append(focused(page))
    assert seen == ["n1", "n2", "n1", "n1", "n3"]


def test_a_number_changes_the_ground_of_the_edges(page):
    def ground():
        edge = page.find_element(By.CSS_SELECTOR, ".edge")
        return edge.value_of_css_property("background-color")

    assert ground() == "rgba(128, 128, 128, 1)"
    press(page, "3")
    assert ground() == "rgba(255, 0, 255, 1)"


def test_a_phone_need_not_scroll_sideways_and_every_edge_is_decoded(page):
    assert page.execute_script("return document.documentElement.scrollWidth") == 390
    script = "return [...document.images].map(i => i.decode().then(() => i.naturalWidth))"
    widths = page.execute_script(f"return Promise.all((() => {{ {script} }})())")
    assert widths == [48] * 3


def test_a_name_runs_nothing_and_the_console_is_silent(page):
    assert page.title == "Review"
    assert page.get_log("browser") == []
