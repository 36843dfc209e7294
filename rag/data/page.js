// Runs when the source panel loads, with `element` (the panel) and `server` (functions of rag/ui.py) given.
// Everything of an article goes in as text nodes, never as markup.
const panel = element.querySelector(".source");
const words = JSON.parse(panel.dataset.words);
const passages = new Map();
let asked = null;

function make(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function passage(address) {
  if (!passages.has(address)) {
    const answer = server.opened(address);
    passages.set(address, answer);
    if (passages.size > 50) passages.delete(passages.keys().next().value);
    answer.catch(() => passages.delete(address));
  }
  return passages.get(address);
}

function citations() {
  return [...document.querySelectorAll('a.cite[href^="#source-"]')].filter((link) => link.getClientRects().length);
}

function button(words, className, action) {
  const made = make("button", words, className);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

function step(link, by) {
  const all = citations();
  const next = all[all.indexOf(link) + by];
  return next && (() => open(next, by));
}

// The buttons above the source: back to where it was cited, and to the citations before and after it.
function controls(link, by) {
  const row = make("div", undefined, "controls");
  const back = button(words.back, "back", () => {
    for (let folded = link.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    link.scrollIntoView({ block: "center" });
    link.focus({ preventScroll: true });
  });
  row.append(back);
  for (const [name, way, sign] of [["previous", -1, "←"], ["next", 1, "→"]]) {
    const go = step(link, way);
    const made = button(sign, "step", go);
    made.title = words[name];
    made.setAttribute("aria-label", words[name]);
    made.disabled = !go;
    if (by === way) requestAnimationFrame(() => (made.disabled ? back : made).focus({ preventScroll: true }));
    row.append(made);
  }
  return row;
}

function render(found, link, by) {
  const heading = make("h2", found.title);
  heading.dir = "auto";
  const fields = make("dl");
  for (const [name, value] of found.fields) {
    const stated = make("dd", value);
    stated.dir = "auto";
    fields.append(make("dt", name), stated);
  }
  const text = make("div", undefined, "text");
  const mark = make("mark", found.quote);
  text.lang = found.lang;
  text.dir = "auto";
  text.tabIndex = 0;
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", words.text);
  if (found.cut_before) text.append(make("em", words.cut, "cut"));
  text.append(found.before);
  if (found.quote) text.append(mark);
  text.append(found.after);
  if (found.cut_after) text.append(make("em", words.cut, "cut"));
  panel.replaceChildren(controls(link, by), heading, fields, text);
  if (found.quote) {
    text.scrollTop += mark.getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 3;
  }
}

function notice(text, link) {
  const said = make("p", text, "hint");
  said.setAttribute("role", "alert");
  panel.replaceChildren(controls(link), said);
}

async function open(link, by) {
  const address = link.getAttribute("href").slice("#source-".length);
  asked = address;
  for (const other of document.querySelectorAll("a.cite[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  let found;
  try {
    found = await passage(address);
  } catch {
    found = { error: words.lost };
  }
  if (asked !== address) return;
  if (found.error) {
    passages.delete(address);
    notice(found.error, link);
  } else render(found, link, by);
  if (!by) panel.focus({ preventScroll: true });
  panel.scrollIntoView({ block: "nearest" });
}

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.('a.cite[href^="#source-"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    open(link);
  },
  true,
);

// What stands below a turn: copy, judge, ask again, edit. The page's cleaner leaves a message no data attributes.
function of(row) {
  return JSON.parse(row.querySelector(".facts-of").textContent);
}

function typed(id, text) {
  const box = document.querySelector(`#${id} textarea, #${id} input`);
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  return box;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = document.body.appendChild(make("textarea", text));
    box.select();
    document.execCommand("copy");
    box.remove();
  }
}

const acts = {
  async copy(row) {
    await copied(row.querySelector(".markdown").textContent);
    return words.copied;
  },
  async up(row, pressed) {
    return judge(row, pressed, "up");
  },
  async down(row, pressed) {
    return judge(row, pressed, "down");
  },
  async again(row) {
    typed("again", of(row).turn);
    typed("question", of(row).question);
    await new Promise((done) => setTimeout(done, 50));
    document.querySelector("#send")?.click();
    return "";
  },
  async edit(row) {
    typed("again", of(row).turn);
    typed("question", of(row).question).focus();
    return "";
  },
};

async function judge(row, pressed, verdict) {
  const { talk, kept } = of(row);
  if (!(await server.judged({ talk, turn: kept, verdict }))) return words.failed;
  for (const each of row.querySelectorAll("[aria-pressed]")) each.removeAttribute("aria-pressed");
  pressed.setAttribute("aria-pressed", "true");
  return words.judged;
}

document.addEventListener("click", async (event) => {
  const pressed = event.target.closest?.("#chat button.act");
  if (!pressed) return;
  const row = pressed.closest(".actions");
  let said;
  try {
    const name = Object.keys(acts).find((each) => pressed.classList.contains(`act-${each}`));
    said = await acts[name](row, pressed);
  } catch {
    said = words.failed;
  }
  row.querySelector(".told").textContent = said;
});

// The address names the conversation, so that it can be opened again and shared.
let talk = new URLSearchParams(location.search).get("c") || "";

function named() {
  const rows = document.querySelectorAll("#chat .actions");
  const now = rows.length ? of(rows[rows.length - 1]).talk : "";
  if (now === talk || (!now && rows.length)) return;
  if (!rows.length && document.querySelector("#chat .writing, #chat .notice")) return;
  talk = now;
  const address = new URL(location.href);
  if (talk) address.searchParams.set("c", talk);
  else address.searchParams.delete("c");
  history.replaceState(null, "", address);
}

window.addEventListener("rag-link", async () => {
  const row = [...document.querySelectorAll("#chat .actions")].pop();
  const said = document.querySelector("#talks-said");
  if (!row || !of(row).talk) said.textContent = words.no_link;
  else {
    const address = new URL(location.href);
    address.hash = "";
    address.searchParams.set("c", of(row).talk);
    await copied(address.href);
    said.textContent = words.link_copied;
  }
});

// A new question or answer brings its question to the top. Gradio labels a message with its HTML: its text is enough.
const page = element.closest(".gradio-container");
let seen = "";
let asking = 0;
let moved = false; // whoever scrolls while an answer is written stays where they are

for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  page.addEventListener(kind, () => (moved = true), { capture: true, passive: true });
}

function arrived(changes) {
  if (!changes.some(({ target }) => target.closest("#chat"))) return;
  const shown = page.querySelectorAll('#chat [data-testid="user"], #chat [data-testid="bot"]');
  for (const message of shown) message.removeAttribute("aria-label");
  for (const example of page.querySelectorAll("#chat .example")) example.removeAttribute("aria-label");
  if (shown.length) named();
  const questions = page.querySelectorAll('#chat [data-testid="user"]');
  const last = questions[questions.length - 1];
  const log = last?.closest('[role="log"]');
  if (questions.length !== asking) moved = false;
  asking = questions.length;
  const now = `${shown.length} ${log?.scrollHeight}`;
  if (log && now !== seen && !moved) {
    log.scrollTop += last.getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
    log.scrollIntoView({ block: "nearest" });
  }
  seen = now;
}

new MutationObserver(arrived).observe(page, { childList: true, subtree: true });
