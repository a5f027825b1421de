// A long list in parts: each is drawn by itself, again only when something in it differs, and laid out only where it is looked at.
import { Component, html, render, useEffect, useState } from "./ui.js";
import { Row } from "./row.js";

const size = 12; // tasks of a part: a slow phone draws them in less than the 50 ms that a person notices

let home = new Map(), numbers = 0; // in which part a task was last, and how many there have been

// parts cuts a list so that tasks stay in the part where they were, whatever comes or goes before them. No part has tasks of two groups.
export function parts(items, group = () => null) {
  const cut = [], taken = new Set();
  items.forEach((task, i) => {
    const last = cut.at(-1), was = home.get(task.id), mine = group(task);
    const apart = last && group(last.tasks[0]) !== mine, alone = i + 1 === items.length || group(items[i + 1]) !== mine;
    const returns = was !== undefined && !taken.has(was) && (alone || home.get(items[i + 1].id) === was);
    if (!last || apart || last.tasks.length >= 2 * size || returns || (was === undefined && last.tasks.length >= size)) {
      const number = returns ? was : ++numbers;
      cut.push({ number, tasks: [] });
      taken.add(number);
    }
    cut.at(-1).tasks.push(task);
  });
  home = new Map(cut.flatMap(({ number, tasks }) => tasks.map(({ id }) => [id, number])));
  return cut;
}

// useFew says how many of the parts to draw: one more with each frame, so that nothing has to wait for all of them.
export function useFew(count) {
  const [few, setFew] = useState(1);
  const now = Math.max(1, Math.min(few, count));
  useEffect(() => {
    if (few > now) return setFew(now);
    if (few >= count) return;
    const frame = requestAnimationFrame(() => setFew(few + 1));
    return () => cancelAnimationFrame(frame);
  }, [few, count]);
  return Math.min(now, count);
}

const whenIdle = globalThis.requestIdleCallback ?? ((does) => setTimeout(does, 50));

// Part is a tree of its own: when a long list is left, its parts are given up one by one, whenever there is time.
export class Part extends Component {
  shouldComponentUpdate(next) {
    const { tasks, picked, ...rest } = this.props;
    return tasks.length !== next.tasks.length || tasks.some((task, i) => task !== next.tasks[i] || picked.has(task.id) !== next.picked.has(task.id)) ||
      Object.keys(rest).some((name) => rest[name] !== next[name]);
  }

  draw() {
    const { tasks, editing, current, dragged, target, beside, picked, handle, does } = this.props;
    const lies = (id) => (id === dragged ? "dragged" : id === beside ? target : "");
    render(tasks.map((task) => html`<${Row} key=${task.id} task=${task} editing=${editing === task.id} current=${current === task.id} lies=${lies(task.id)}
      chosen=${picked.has(task.id)} handle=${handle} ...${does} />`), this.root);
  }

  componentDidMount() {
    this.draw();
  }

  componentDidUpdate() {
    this.draw();
  }

  componentWillUnmount() {
    const { root } = this;
    whenIdle(() => render(null, root));
  }

  render({ tasks }) {
    return html`<div class="part" role="presentation" ref=${(root) => root && (this.root = root)} style=${{ containIntrinsicBlockSize: `auto ${tasks.length * 3.6}rem` }}></div>`;
  }
}
