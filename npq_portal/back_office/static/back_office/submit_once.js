"use strict";

// Lets a form that changes something be sent once: its buttons rest while the answer is awaited.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "post" && !event.defaultPrevented) {
    // Afterwards, since the name of a button that rests is not sent.
    setTimeout(() => rest(form, true));
  }
});

// Whoever comes back to the page may send it again.
addEventListener("pageshow", () => {
  for (const form of document.forms) {
    rest(form, false);
  }
});

function rest(form, isResting) {
  for (const button of form.elements) {
    if (button.type === "submit") {
      button.disabled = isResting;
    }
  }
}
