// What every part of the page is made with.
import { h } from "./vendor/preact.js";
import { useEffect, useReducer } from "./vendor/hooks.js";
import htm from "./vendor/htm.js";

export { render, Component } from "./vendor/preact.js";
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/hooks.js";
export { batch, computed, effect, signal } from "./vendor/signals.js";

export const html = htm.bind(h);

// useValue returns a signal's value, and draws the component again when that changes.
export function useValue(signal) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  useEffect(() => {
    let first = true;
    const drawn = signal.peek();
    return signal.subscribe((value) => {
      if (!first || value !== drawn) redraw();
      first = false;
    });
  }, [signal]);
  return signal.value;
}

const icons = {
  check: "m5 12.5 4.5 4.5L19 7.5", plus: "M12 5v14M5 12h14", close: "m6 6 12 12M18 6 6 18", trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4",
  next: "M5 12h14m-6-6 6 6-6 6", late: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16m0 4v4.5l3 2", list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  week: "M5 6h14v14H5zM5 10h14M9 3v4M15 3v4", box: "M4 5h16v4H4zM6 9v11h12V9M10 13h4", done: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16m-3.5 8.2 2.4 2.4 4.6-4.8",
  tag: "M4 4h7l9 9-7 7-9-9zM8 8h.01", folder: "M4 6h6l2 2h8v11H4z", repeat: "M17 3l3 3-3 3M4 11V9a3 3 0 0 1 3-3h13M7 21l-3-3 3-3M20 13v2a3 3 0 0 1-3 3H4",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21h4", lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3", note: "M6 4h9l4 4v12H6zM9 12h7M9 16h5",
  menu: "M4 7h16M4 12h16M4 17h16", search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M20 20l-4.5-4.5", help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5h.01",
  gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2",
  chart: "M5 20V10M12 20V4M19 20v-7", grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01", file: "M12 4v11m-4-4 4 4 4-4M5 20h14",
  undo: "M9 7 4.5 11.5 9 16M5 11.5h9a5 5 0 0 1 0 10h-2", stack: "m12 4 8 4-8 4-8-4zM4 12l8 4 8-4M4 16l8 4 8-4", down: "m6 9 6 6 6-6",
  chat: "M4 5h16v11h-9l-5 4v-4H4zM8 9h8M8 12h5", send: "m4 12 16-7-6 15-3-6zM11 14l4-4", stop: "M7 7h10v10H7z",
  voice: "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4M6 11a6 6 0 0 0 12 0M12 17v3",
};

// useCover leaves what lies under a panel to the panel, while that covers the page.
const narrow = matchMedia("(max-width: 64rem)");
let panels = 0;
const cover = () => document.querySelectorAll(".bar, .side, main").forEach((part) => (part.inert = panels > 0 && narrow.matches));
narrow.addEventListener("change", cover);
export function useCover() {
  useEffect(() => {
    panels++;
    cover();
    return () => {
      panels--;
      cover();
    };
  }, []);
}

// Icon draws one of the page's own signs. It says nothing to those who do not see it.
export function Icon({ of }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${icons[of]} /></svg>`;
}
