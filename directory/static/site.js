// Three small helps; every page works without them. Nobody else is asked anything.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-locate]")) {
  if (!navigator.geolocation) break;
  const status = document.getElementById(button.getAttribute("aria-describedby"));
  button.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = button.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        // Two decimals are about half a mile: near enough, and not your door.
        const near = `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`;
        const url = new URL(button.form.action);
        url.searchParams.set("near", near);
        url.searchParams.set("within", button.form.elements.within.value);
        window.location.assign(url);
      },
      () => { status.textContent = button.dataset.failed; },
      { maximumAge: 600000, timeout: 10000 },
    );
  });
}

// What a place or a name may become, as it is typed. The browser shows the list, so keyboard and
// screen reader work as with every list of its own.
for (const input of document.querySelectorAll("[data-suggest]")) {
  const list = document.createElement("datalist");
  list.id = `${input.id}-suggestions`;
  input.after(list);
  input.setAttribute("list", list.id);
  let waiting = 0;
  let asked = "";
  input.addEventListener("input", () => {
    window.clearTimeout(waiting);
    const typed = input.value.trim();
    // One letter says nothing yet, and numbers need no help.
    if (typed === asked || !/\p{L}.*\p{L}/u.test(typed)) return;
    waiting = window.setTimeout(async () => {
      asked = typed;
      try {
        const answer = await fetch(input.dataset.suggest + encodeURIComponent(typed));
        const texts = answer.ok ? await answer.json() : [];
        // A slower answer to what was typed before is of no use any more.
        if (asked === typed) list.replaceChildren(...texts.map((text) => new Option("", text)));
      } catch {
        asked = "";
      }
    }, 150);
  });
}
