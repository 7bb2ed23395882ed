// Small comforts. Every page works without them, and nobody else is asked anything.
"use strict";

const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
const set = (element, attributes) => {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

each("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// Back to the very list somebody came from, with its filters and its page.
each("[data-back]", (link) => {
  if (URL.canParse?.(document.referrer)) {
    const from = new URL(document.referrer);
    if (from.origin === location.origin && from.pathname === link.pathname) link.href = from.href;
  }
});

// The location: first what it is for, then the browser's own question, and only when asked to.
each("[data-locate]", (help) => {
  if (!navigator.geolocation) return;
  const form = help.closest("form");
  const { near } = form.elements;
  const button = help.querySelector("button");
  const status = help.querySelector("[role=status]");
  help.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = button.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const search = new URLSearchParams(new FormData(form));
        // Two decimals are about half a mile: near enough, and not your door.
        search.set("near", `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`);
        location.assign(`${form.action}?${search}`);
      },
      (failure) => {
        status.textContent = failure.code === 1 ? button.dataset.denied : button.dataset.failed;
        // Somebody who has gone on meanwhile is left where they are.
        if ([button, document.body].includes(document.activeElement)) near.focus();
      },
      { maximumAge: 600000, timeout: 10000 },
    );
  });
});

// The last place, only while the box is ticked: kept in this browser, and sent in a search alone.
each("[data-remember]", (label) => {
  const tick = label.querySelector("input");
  const { near } = tick.form.elements;
  const status = label.nextElementSibling;
  let kept;
  try {
    kept = localStorage.getItem("place");
  } catch {
    return; // This browser keeps nothing.
  }
  label.hidden = false;
  tick.checked = Boolean(kept);
  if (kept && !near.value) near.value = kept;
  tick.addEventListener("change", () => {
    if (!tick.checked) localStorage.removeItem("place");
    status.textContent = tick.checked ? tick.dataset.kept : tick.dataset.forgotten;
  });
  tick.form.addEventListener("submit", () => {
    const place = near.value.trim();
    if (tick.checked && place) localStorage.setItem("place", place);
  });
});

// Each of these buttons is followed by the place where it says what it did.
const copyFor = async (button, text) => {
  const status = button.nextElementSibling;
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = button.dataset.done;
  } catch {
    status.textContent = button.dataset.failed;
  }
};

each("[data-copy]", (button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", () => copyFor(button, button.dataset.copy));
});

each("[data-share]", (button) => {
  if (!navigator.share && !navigator.clipboard) return;
  if (!navigator.share) button.querySelector("span").textContent = button.dataset.copyLabel;
  button.hidden = false;
  button.addEventListener("click", () => {
    const url = new URL(button.dataset.share || location.href, location.href).href;
    if (!navigator.share) copyFor(button, url);
    // Closing the system's own window is an answer, too.
    else navigator.share({ title: document.title, url }).catch(() => {});
  });
});

// Answers typed on this page and not sent yet: the browser asks before they are lost.
each("form[data-unsent]", (form) => {
  let isCall = false;
  const warn = (event) => {
    if (isCall) return;
    event.preventDefault();
    event.returnValue = true; // for browsers that only know this one
  };
  form.addEventListener("input", () => window.addEventListener("beforeunload", warn));
  // A call leaves the page open, and nobody is held up on the way to help.
  document.addEventListener("click", ({ target }) => {
    isCall = target.closest("a")?.protocol === "tel:";
  });
  // Whichever form is sent, somebody has decided.
  document.addEventListener("submit", () => window.removeEventListener("beforeunload", warn));
});

// What a place or a name may become, as it is typed: a combobox with a list, after the pattern of
// the ARIA Authoring Practices. Nothing is chosen until somebody chooses it.
each("[data-suggest]", (input) => {
  const list = set(document.createElement("ul"), {
    "id": `${input.id}-list`, "class": "options", "role": "listbox", "hidden": "",
    "aria-label": input.dataset.list,
  });
  const status = set(document.createElement("p"), { class: "hidden", role: "status" });
  input.after(list, status);
  set(input, {
    "role": "combobox", "aria-autocomplete": "list", "aria-controls": list.id,
    // Two lists over each other, the browser's own and this one, would hide what is chosen.
    "aria-expanded": "false", "autocomplete": "off",
  });
  let active = -1;
  let waiting = 0;

  const mark = (number) => {
    active = number;
    [...list.children].forEach((option, at) => set(option, { "aria-selected": at === active }));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else set(input, { "aria-activedescendant": list.children[active].id });
    list.children[active]?.scrollIntoView({ block: "nearest" });
  };
  const open = (isOpen) => {
    list.hidden = !(isOpen && list.children.length);
    set(input, { "aria-expanded": !list.hidden });
    mark(-1);
  };
  const show = (texts) => {
    list.replaceChildren(...texts.map((text, at) => {
      const option = set(document.createElement("li"), { id: `${list.id}-${at}`, role: "option" });
      option.textContent = text;
      return option;
    }));
    open(document.activeElement === input);
    const { one, many } = input.dataset;
    if (list.hidden) status.textContent = "";
    else status.textContent = texts.length === 1 ? one : many.replace("#", texts.length);
  };
  const choose = (option) => {
    input.value = option.textContent;
    show([]);
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    const typed = input.value.trim();
    mark(-1);
    // One letter says nothing yet, and numbers need no help.
    if (!/\p{L}.*\p{L}/u.test(typed)) show([]);
    // What was found before stays until then: a list that comes and goes would flicker.
    else waiting = setTimeout(async () => {
      let texts = [];
      try {
        const answer = await fetch(input.dataset.suggest + encodeURIComponent(typed));
        if (answer.ok) texts = await answer.json();
      } catch { /* Without a connection there is nothing to suggest. */ }
      // A slower answer to what was typed before is of no use any more.
      if (input.value.trim() === typed) show(texts);
    }, 150);
  });
  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    const { key } = event;
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || last < 0) return;
    if (list.hidden) {
      if (key !== "ArrowDown" && key !== "ArrowUp") return;
      open(true);
    }
    if (key === "ArrowDown") mark(active < last ? active + 1 : -1);
    else if (key === "ArrowUp") mark(active < 0 ? last : active - 1);
    else if (key === "Home" && active >= 0) mark(0);
    else if (key === "End" && active >= 0) mark(last);
    else if (key === "Enter" && active >= 0) choose(list.children[active]);
    else if (key === "Escape") open(false);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => open(false));
  // Pressing an option must not take the focus from the box, or the list would close before it.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
});
