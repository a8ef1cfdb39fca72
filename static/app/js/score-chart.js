// 客户价值与风险: value upwards, risk to the right, in four quadrants. The table below says the same in figures.
(() => {
  "use strict";
  const { colourOf } = window;
  const MIDDLE = 50;
  const charts = new Map();

  function draw(holder) {
    if (charts.has(holder) || !window.echarts) return;
    const chart = window.echarts.init(holder, null, { renderer: "canvas" });
    charts.set(holder, chart);
    chart.setOption(options(holder));
    chart.on("click", ({ data }) => data?.url && window.location.assign(data.url));
    new ResizeObserver(() => chart.resize()).observe(holder);
  }

  function options(holder) {
    const words = holder.dataset;
    const points = JSON.parse(words.scoreChart);
    const ink = colourOf("--ui-text-2");
    const line = colourOf("--ui-border-strong");
    const faint = colourOf("--ui-border");
    const axis = (name) => ({ name, min: 0, max: 100, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: ink }, axisLabel: { color: ink }, axisLine: { lineStyle: { color: line } }, splitLine: { lineStyle: { color: faint } } });
    const field = (label, from, to, position) => [{ coord: from, name: label, itemStyle: { color: "transparent" }, label: { color: ink, position } }, { coord: to }];
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 56, right: 24, top: 24, bottom: 48 },
      xAxis: axis(words.risk),
      yAxis: axis(words.value),
      // Plain text: a name may hold what looks like markup.
      tooltip: { renderMode: "richText", backgroundColor: colourOf("--ui-surface"), borderColor: line, textStyle: { color: colourOf("--ui-text") }, formatter: ({ data }) => `${data.name}\n${words.value} ${data.value[1]} · ${words.risk} ${data.value[0]}` },
      series: [{
        type: "scatter",
        symbolSize: 12,
        itemStyle: { color: colourOf("--ui-accent"), borderColor: colourOf("--ui-surface"), borderWidth: 1 },
        data: points.map(({ name, risk, value, url }) => ({ name, value: [Number(risk), Number(value)], url })),
        markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: line, type: "dashed" }, data: [{ xAxis: MIDDLE }, { yAxis: MIDDLE }] },
        markArea: { silent: true, data: [
          field(words.highValue, [0, MIDDLE], [MIDDLE, 100], "insideTopLeft"),
          field(words.highBoth, [MIDDLE, MIDDLE], [100, 100], "insideTopRight"),
          field(words.lowBoth, [0, 0], [MIDDLE, MIDDLE], "insideBottomLeft"),
          field(words.highRisk, [MIDDLE, 0], [100, MIDDLE], "insideBottomRight"),
        ] },
      }],
    };
  }

  function repaint() {
    for (const [holder, chart] of charts) {
      if (holder.isConnected) {
        chart.setOption(options(holder));
      } else {
        chart.dispose();
        charts.delete(holder);
      }
    }
  }

  function drawAll() {
    for (const holder of document.querySelectorAll("[data-score-chart]")) draw(holder);
  }

  window.onSchemeChange(repaint);
  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("htmx:load", () => {
    repaint();
    drawAll();
  });
})();
