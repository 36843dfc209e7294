// Runs before the page is drawn. `rag` holds the page's language and what Gradio's own English words are in it.
(() => {
  document.documentElement.lang = rag.lang;

  function themed() {
    const chosen = localStorage.getItem("rag-theme") || "system";
    const dark = chosen === "dark" || (chosen === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.body?.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }
  rag.theme = (chosen) => {
    if (chosen) localStorage.setItem("rag-theme", chosen);
    themed();
    return localStorage.getItem("rag-theme") || "system";
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themed);

  // Gradio knows no Vietnamese: its words are replaced where they stand alone, in texts and in labels.
  const labels = ["aria-label", "title", "placeholder"];
  const own = ".answer, .source, .asked, :not(html)[lang], textarea, input";

  function replaced(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      const found = rag.words[node.data.trim()];
      if (found && !node.parentElement?.closest(own)) node.data = node.data.replace(node.data.trim(), found);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const each of [node, ...node.querySelectorAll("[aria-label], [title], [placeholder]")]) {
      for (const label of labels) {
        const found = rag.words[each.getAttribute?.(label)?.trim()];
        if (found) each.setAttribute(label, found);
      }
    }
    const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) replaced(texts.currentNode);
  }

  function begin() {
    themed();
    // Gradio sets its own theme when it starts.
    new MutationObserver(() => {
      const wanted = document.documentElement.style.colorScheme === "dark";
      if (document.body.classList.contains("dark") !== wanted) themed();
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    if (!Object.keys(rag.words).length) return;
    new MutationObserver((changes) => {
      for (const { type, target, addedNodes } of changes) {
        if (type === "childList") addedNodes.forEach(replaced);
        else replaced(target);
      }
    }).observe(document.documentElement, {
      subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: labels,
    });
    replaced(document.body);
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
