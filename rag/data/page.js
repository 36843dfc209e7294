// Runs when the source panel loads, with `element` (the panel) and `server` (functions of rag/ui.py) given.
// Everything of an article goes in as text nodes, never as markup.
const panel = element.querySelector(".source");
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
    answer.catch(() => passages.delete(address));
  }
  return passages.get(address);
}

function back(link) {
  const button = make("button", "Back to the answer", "back");
  button.type = "button";
  button.addEventListener("click", () => {
    link.scrollIntoView({ block: "center" });
    link.focus({ preventScroll: true });
  });
  return button;
}

function render(found, link) {
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
  text.setAttribute("aria-label", "Article");
  text.append(found.before, mark, found.after);
  panel.replaceChildren(back(link), heading, fields, text);
  text.scrollTop += mark.getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 3;
}

function notice(text, link) {
  const said = make("p", text, "hint");
  said.setAttribute("role", "alert");
  panel.replaceChildren(back(link), said);
}

async function open(link) {
  const address = link.getAttribute("href").slice("#source-".length);
  asked = address;
  for (const other of document.querySelectorAll("a.cite[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  let found;
  try {
    found = await passage(address);
  } catch {
    found = { error: "The source could not be fetched; is the server still running?" };
  }
  if (asked !== address) return;
  if (found.error) notice(found.error, link);
  else render(found, link);
  panel.focus({ preventScroll: true });
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
