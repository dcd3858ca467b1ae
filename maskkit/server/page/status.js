// What the page says of itself, and whom it asks who they are.

import { Refused } from "/page/doors.js";

const $ = (id) => document.getElementById(id);

export function say(text, bad = false) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", bad);
}

export function complain(error) {
  if (error instanceof Refused && error.asksWho) {
    $("sign-in").hidden = false;
    say("Sign in to go on.", true);
    askWho();
    return;
  }
  say(error.message, true);
}

function askWho() {
  $("account").returnValue = ""; // Esc leaves what the last sign-in said
  $("account").showModal();
}

$("sign-in").addEventListener("click", askWho);
$("not-now").addEventListener("click", () => $("account").close());
