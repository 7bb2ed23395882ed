// Two small helps; every page works without them. Nothing is asked before a press.
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
