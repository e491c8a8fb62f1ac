"use strict";
// A chart as a picture: its canvases and texts at the places that they have on the page.
const plotPicture = (() => {
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
      const range = document.createRange();
      range.selectNodeContents(text.lastChild);
      const [left, top, , height] = placeOf(range);
      Object.assign(pen, { font: `${fontWeight} ${parseFloat(fontSize) * scale}px ${plots.css("--font")}`, fillStyle: color, textBaseline: "middle" });
      pen.fillText(text.textContent, left, top + height / 2);
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
