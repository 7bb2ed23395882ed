// Choosing whom to compare. Nothing is stored: who was chosen goes along behind the # of a link,
// which no server sees, to the next page of results and back from the comparison.
"use strict";

const tellChosen = (form) => {
  const status = form.querySelector("[role=status]");
  const clear = form.querySelector("[type=button]");
  const boxes = [...document.querySelectorAll("[name=npi][form=compare]")];
  const nobody = status.textContent;
  const most = 3;

  const elsewhere = () => [...form.querySelectorAll("[name=npi]")];
  const tell = () => {
    const others = elsewhere();
    const chosen = [...boxes.filter((box) => box.checked), ...others];
    const number = Math.min(chosen.length, most);
    boxes.forEach((box) => { box.disabled = !box.checked && chosen.length >= most; });
    clear.hidden = !number;
    const { one, two, three } = status.dataset;
    const text = [nobody, one, two, three][number];
    const besides = others.length ? ` ${status.dataset.elsewhere.replace("#", others.length)}` : "";
    if (status.textContent !== text + besides) status.textContent = text + besides;
    const hash = new URLSearchParams(chosen.map((each) => ["npi", each.value])).toString();
    document.querySelectorAll(".pages a").forEach((link) => { link.hash = hash; });
  };
  const take = (npi) => {
    const box = boxes.find((each) => each.value === npi);
    if (box) {
      box.checked = true;
      return;
    }
    const hidden = document.createElement("input");
    Object.assign(hidden, { type: "hidden", name: "npi", value: npi });
    form.append(hidden);
  };

  new URLSearchParams(location.hash.slice(1)).getAll("npi").slice(0, most).forEach(take);
  boxes.forEach((box) => box.addEventListener("change", tell));
  clear.addEventListener("click", () => {
    const last = boxes.findLast((box) => box.checked) ?? boxes[0];
    boxes.forEach((box) => { box.checked = false; });
    elsewhere().forEach((each) => each.remove());
    tell();
    // The button is gone; the page stays where it is.
    last.focus({ preventScroll: true });
  });
  // Also after coming back, when the browser has put the ticks where they were.
  window.addEventListener("pageshow", tell);
};

document.querySelectorAll("form#compare").forEach(tellChosen);

// On the comparison: back to the list with those who are being compared.
document.querySelectorAll("[data-chosen]").forEach((link) => { link.hash = link.dataset.chosen; });
