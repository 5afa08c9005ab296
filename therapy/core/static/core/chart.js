// Draws each [data-chart] from the JSON that its attribute names, with uPlot. Without it the table on the page remains.
const value = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const FONT = "14px system-ui, sans-serif";

// Ranges behind the points: alternating tints, the name at the left edge.
const drawBands = (spec) => (chart) => {
  const { ctx, bbox } = chart;
  const ratio = window.devicePixelRatio || 1;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  (spec.bands ?? []).forEach((band, place) => {
    const top = chart.valToPos(band.to, "y", true);
    const bottom = chart.valToPos(band.from, "y", true);
    ctx.fillStyle = value(place % 2 ? "--surface-2" : "--surface");
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    ctx.fillStyle = value("--ink-soft");
    if (bottom - top > 15 * ratio) ctx.fillText(band.label, bbox.left + 6 * ratio, top + 3 * ratio);
  });
  ctx.restore();
};

// Moments on the time line: a plan as a dashed line with its name, a practice as a small mark at the bottom.
const drawMarks = (spec) => (chart) => {
  const { ctx, bbox } = chart;
  const ratio = window.devicePixelRatio || 1;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  for (const mark of spec.marks ?? []) {
    const x = chart.valToPos(mark.x, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = ctx.fillStyle = value(mark.kind === "plan" ? "--accent" : "--line-strong");
    ctx.lineWidth = (mark.kind === "plan" ? 2 : 3) * ratio;
    ctx.setLineDash(mark.kind === "plan" ? [6 * ratio, 4 * ratio] : []);
    ctx.beginPath();
    ctx.moveTo(x, mark.kind === "plan" ? bbox.top : bbox.top + bbox.height - 8 * ratio);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (mark.kind === "plan") {
      const width = ctx.measureText(mark.label).width;
      const isRight = x + width + 8 * ratio > bbox.left + bbox.width;
      ctx.textAlign = isRight ? "right" : "left";
      ctx.fillText(mark.label, x + (isRight ? -4 : 4) * ratio, bbox.top + bbox.height - 26 * ratio);
    }
  }
  ctx.restore();
};

const seriesOf = (one) => ({
  label: one.label,
  scale: one.scale ?? "y",
  stroke: value(one.scale ? "--line-strong" : "--accent"),
  width: one.style === "dots" ? 0 : 2,
  spanGaps: true,
  points: { show: one.style === "dots" || one.values.length < 200, size: one.style === "dots" ? 5 : 8 },
});

const axis = (extra) => ({
  stroke: value("--ink-soft"),
  font: FONT,
  grid: { stroke: value("--line"), width: 1 },
  ticks: { stroke: value("--line"), width: 1 },
  ...extra,
});

// A day at least on either side, so that a single point stands in the middle; more at the left for the names of ranges.
const span = (x, bands) => {
  const day = 86400;
  const length = x[x.length - 1] - x[0];
  return [x[0] - Math.max(day, length * (bands ? 0.2 : 0.03)), x[x.length - 1] + Math.max(day, length * 0.03)];
};

const dates = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric" });
const months = new Intl.DateTimeFormat(document.documentElement.lang, { year: "numeric", month: "short" });
const LONG = 400 * 86400;
const whole = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" });

const draw = (figure) => {
  const spec = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const place = figure.querySelector(".chart__draw");
  place.replaceChildren();
  figure.hidden = false;
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", spec.label);
  const width = place.clientWidth;
  const ends = span(spec.x, spec.bands?.length);
  const format = ends[1] - ends[0] > LONG ? months : dates;
  const options = {
    width,
    height: width < 500 ? 260 : 320,
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: true, range: () => ends }, y: { range: () => [spec.y.min, spec.y.max] } },
    axes: [
      axis({ values: (_chart, ticks) => ticks.map((tick) => format.format(new Date(tick * 1000))), space: 80 }),
      axis({ size: 46 }),
    ],
    series: [
      { label: spec.day ?? "", value: (_chart, at) => (at ? whole.format(new Date(at * 1000)) : "–") },
      ...spec.series.map(seriesOf),
    ],
    hooks: { drawClear: [drawBands(spec)], draw: [drawMarks(spec)] },
  };
  for (const name of new Set(spec.series.map((one) => one.scale).filter(Boolean))) {
    options.scales[name] = { range: () => [spec.scales[name].min, spec.scales[name].max] };
  }
  return new window.uPlot(options, [spec.x, ...spec.series.map((one) => one.values)], place);
};

const start = () => {
  if (!window.uPlot) return;
  for (const figure of document.querySelectorAll("[data-chart]")) {
    let chart = draw(figure);
    let width = figure.clientWidth;
    const again = () => {
      chart.destroy();
      chart = draw(figure);
    };
    new ResizeObserver(() => {
      if (figure.clientWidth === width) return;
      width = figure.clientWidth;
      again();
    }).observe(figure);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  }
};

start();
