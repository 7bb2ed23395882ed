// The map with tiles of the operator's own, where there are some: it can be moved and zoomed. The
// pins stay the links they are. Without this, or without tiles, the drawn map stays as it is.
"use strict";

const TILE = 256;
const LOWEST = 2;
const HIGHEST = 17;
const MILES_AROUND = 24901.46;

const made = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

// Where on the square world, from 0 to 1, a place lies: the projection that tiles are made in.
const onWorld = (latitude, longitude) => {
  const up = Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));
  return { x: longitude / 360 + 0.5, y: 0.5 - up / (2 * Math.PI) };
};

const start = (map) => {
  const svg = map.querySelector("svg");
  const { width, height } = svg.viewBox.baseVal;
  const [latitude, longitude] = map.dataset.at.split(",").map(Number);
  const middle = onWorld(latitude, longitude);
  const narrowing = Math.cos((latitude * Math.PI) / 180);
  const radius = Number(map.dataset.within) / (MILES_AROUND * narrowing);
  // As large as it was drawn, so that no pin comes to lie over another; tiles are fitted to it.
  const fitting = Math.log2(Number(map.dataset.radius) / radius / TILE);
  const lowest = Math.max(LOWEST, fitting - 2);
  let zoom = fitting;
  let center = { ...middle };

  const size = () => TILE * 2 ** zoom; // of the whole world, in units of the drawing
  const address = (level, x, y) =>
    map.dataset.tiles.replace("{z}", level).replace("{x}", x).replace("{y}", y);
  const spot = (place) => ({
    x: width / 2 + (place.x - center.x) * size(),
    y: height / 2 + (place.y - center.y) * size(),
  });

  const ground = made("g", { "aria-hidden": "true" });
  const circle = made("circle", { class: "searched" });
  const mark = made("circle", { class: "mark", r: 4 });
  const moving = [...svg.querySelectorAll("[data-at]")].map((element) => {
    const [north, east, x, y] = element.dataset.at.split(",").map(Number);
    return { element, place: onWorld(north, east), x, y };
  });
  let tiles = new Map();

  const drawTiles = () => {
    const level = Math.min(HIGHEST, Math.round(zoom));
    const across = 2 ** level;
    const edge = size() / across;
    const first = { x: center.x * across - width / 2 / edge, y: center.y * across - height / 2 / edge };
    const shown = new Map();
    for (let row = Math.floor(first.y); row < first.y + height / edge; row += 1) {
      for (let column = Math.floor(first.x); column < first.x + width / edge; column += 1) {
        if (row < 0 || row >= across) continue;
        const key = `${level}/${column}/${row}`;
        const tile = tiles.get(key)
          ?? made("image", { href: address(level, (column + across) % across, row) });
        const at = { x: (column - first.x) * edge, y: (row - first.y) * edge };
        for (const [name, value] of Object.entries({ ...at, width: edge, height: edge })) {
          tile.setAttribute(name, value);
        }
        shown.set(key, tile);
      }
    }
    tiles.forEach((tile, key) => shown.has(key) || tile.remove());
    shown.forEach((tile) => tile.parentNode || ground.append(tile));
    tiles = shown;
  };

  const draw = () => {
    drawTiles();
    const { x, y } = spot(middle);
    for (const [name, value] of [["cx", x], ["cy", y]]) {
      circle.setAttribute(name, value);
      mark.setAttribute(name, value);
    }
    circle.setAttribute("r", radius * size());
    // A pin that stands beside its place stays beside it, at the same distance.
    for (const { element, place, x: fromX, y: fromY } of moving) {
      const to = spot(place);
      element.setAttribute("transform", `translate(${to.x - fromX} ${to.y - fromY})`);
    }
  };

  const move = (across, down) => {
    center.x += across / size();
    center.y = Math.min(1, Math.max(0, center.y + down / size()));
    draw();
  };
  const zoomBy = (step) => {
    const next = Math.min(HIGHEST, Math.max(lowest, zoom + step));
    if (next === zoom) return;
    zoom = next;
    draw();
  };

  svg.prepend(ground, circle, mark);
  map.classList.add("live");
  draw();

  const buttons = document.createElement("div");
  buttons.className = "zoom";
  for (const [sign, step, label] of [["+", 1, map.dataset.in], ["−", -1, map.dataset.out]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => zoomBy(step));
    buttons.append(button);
  }
  map.append(buttons);

  const steps = {
    ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60],
  };
  map.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (steps[event.key]) move(...steps[event.key]);
    else if (event.key === "+" || event.key === "=") zoomBy(1);
    else if (event.key === "-") zoomBy(-1);
    else return;
    event.preventDefault();
  });

  // A pin that is reached by keyboard comes into sight.
  svg.addEventListener("focusin", (event) => {
    const pin = moving.find(({ element }) => element === event.target.closest("a"));
    const at = pin && spot(pin.place);
    if (!at || (at.x > 0 && at.x < width && at.y > 0 && at.y < height)) return;
    center = { ...pin.place };
    draw();
  });

  // The page scrolls as ever; the map is zoomed only by whoever holds a key.
  let turned = 0;
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    turned += event.deltaY;
    if (Math.abs(turned) < 40) return;
    zoomBy(turned < 0 ? 1 : -1);
    turned = 0;
  }, { passive: false });

  const fingers = new Map();
  let apart = 0;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest("a")) return;
    fingers.set(event.pointerId, event);
    svg.setPointerCapture(event.pointerId);
    apart = 0;
  });
  svg.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, event);
    const scale = width / svg.getBoundingClientRect().width;
    if (fingers.size === 1) {
      move((before.clientX - event.clientX) * scale, (before.clientY - event.clientY) * scale);
      return;
    }
    const [one, other] = [...fingers.values()];
    const now = Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    apart ||= now;
    if (now > apart * 1.4 || now < apart / 1.4) {
      zoomBy(now > apart ? 1 : -1);
      apart = now;
    }
  });
  const lift = (event) => fingers.delete(event.pointerId);
  svg.addEventListener("pointerup", lift);
  svg.addEventListener("pointercancel", lift);
};

// Nothing is loaded before the map is in sight, and the drawn one stays until a tile has come.
document.querySelectorAll("[data-tiles]").forEach((map) => {
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    const probe = new Image();
    probe.addEventListener("load", () => start(map));
    probe.src = map.dataset.tiles.replace("{z}", 0).replace("{x}", 0).replace("{y}", 0);
  });
  watch.observe(map);
});
