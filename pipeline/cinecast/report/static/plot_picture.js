"use strict";
// A chart as a picture: its canvases and texts at the places that they have on the page.
const plotPicture = (() => {
  // The lines that a text is broken into, each with what holds its place.
  function linesOf(node) {
    const lines = [];
    for (let at = 0; at < node.length; at++) {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const { top, height } = range.getBoundingClientRect();
      if (!height) continue; // a space at the end of a line
      if (lines.length && top < lines.at(-1).middle) lines.at(-1).range.setEnd(node, at + 1);
      else lines.push({ range, middle: top + height / 2 });
    }
    return lines.map(({ range }) => range);
  }

  function paint(element) {
    const around = element.getBoundingClientRect();
    const scale = devicePixelRatio;
    const picture = Object.assign(document.createElement("canvas"), { width: Math.round(around.width * scale), height: Math.round(around.height * scale) });
    const pen = picture.getContext("2d");
    pen.fillStyle = plots.css("--surface");
    pen.fillRect(0, 0, picture.width, picture.height);
    const placeOf = (of) => {
      const { left, top, width, height } = of.getBoundingClientRect();
      return [left - around.left, top - around.top, width, height].map((each) => Math.round(each * scale));
    };
    for (const canvas of element.querySelectorAll(".uplot canvas, .chart-key-entry[aria-pressed='true'] canvas")) pen.drawImage(canvas, ...placeOf(canvas));
    for (const text of element.querySelectorAll(".chart-title, .chart-key-entry[aria-pressed='true']")) {
      const { fontSize, fontWeight, color } = getComputedStyle(text);
      Object.assign(pen, { font: `${fontWeight} ${parseFloat(fontSize) * scale}px ${plots.css("--font")}`, fillStyle: color, textBaseline: "middle" });
      for (const line of linesOf(text.lastChild)) {
        const [left, top, , height] = placeOf(line);
        pen.fillText(String(line).trim(), left, top + height / 2);
      }
    }
    return picture;
  }

  function save(element) {
    paint(element).toBlob((blob) => {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${element.id}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href));
    });
  }

  return { paint, save };
})();
