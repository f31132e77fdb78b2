"use strict";

// Goes on with a file until nothing is left to do, as pressing the button again and again would.
const form = document.querySelector("[data-go-on]");
if (form) {
  goOn(form, new FormData(form));
}

async function goOn(form, data) {
  form.hidden = true;
  try {
    for (let told = { is_under_way: true }; told.is_under_way; show(told)) {
      told = await ask(form.action, data);
    }
    location.reload();
  } catch {
    document.querySelector("[data-trouble]").hidden = false;
    form.hidden = false;
  }
}

async function ask(url, body) {
  const headers = { Accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body });
  if (!answer.ok || answer.redirected) {
    throw new Error(answer.status);
  }
  return answer.json();
}

function show(told) {
  document.querySelector("[data-count]").textContent = told.in_words;
  const bar = document.querySelector("progress");
  if (bar.hasAttribute("value")) {
    bar.value = told.finished;
  }
  // Said at every tenth of the way, so that others can be heard as well.
  const announced = document.querySelector("[data-announced]");
  const tenth = String(Math.floor((10 * told.finished) / told.total));
  if (announced.dataset.tenth !== tenth) {
    announced.dataset.tenth = tenth;
    announced.textContent = told.in_words;
  }
}
