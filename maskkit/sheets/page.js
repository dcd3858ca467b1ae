"use strict";
const sheet = document.getElementById("sheet");
const cards = [...sheet.querySelectorAll("article")];
const grounds = [...document.querySelectorAll("input[name=ground]")];

function paint() {
  sheet.dataset.ground = grounds.find((one) => one.checked).value;
}

function step(by, wanted) {
  let at = cards.indexOf(document.activeElement.closest("article"));
  if (at < 0 && by < 0) at = cards.length;
  for (at += by; at >= 0 && at < cards.length; at += by) {
    if (wanted(cards[at])) {
      cards[at].focus({ preventScroll: true });
      cards[at].scrollIntoView({ block: "start" });
      return;
    }
  }
}

for (const one of grounds) one.addEventListener("change", paint);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.toLowerCase();
  if (key === "j") step(1, () => true);
  else if (key === "k") step(-1, () => true);
  else if (key === "n") step(1, (card) => "troubled" in card.dataset);
  else if (grounds[key - 1]) {
    grounds[key - 1].checked = true;
    paint();
  }
});
paint();
