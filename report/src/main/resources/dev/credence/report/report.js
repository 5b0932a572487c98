/* Draws the charts from the options in the page, sorts tables, switches between light and dark. */
(function () {
  'use strict';

  var root = document.documentElement;
  var drawn = [];

  /* Text in whole, never as markup. */
  function tip(params) {
    var text = params.data && params.data.text;
    if (!text) { return ''; }
    var box = document.createElement('div');
    box.textContent = text;
    return box;
  }

  function minus(value) {
    return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 6 }).replace('-', '−') : value;
  }

  /* The custom shapes that options name. */
  var shapes = {
    whisker: function (params, api) {
      var shift = api.value(3) || 0;
      var from = api.coord([api.value(0), api.value(2)]);
      var to = api.coord([api.value(1), api.value(2)]);
      var y = from[1] + shift;
      var style = { stroke: api.visual('color'), lineWidth: 1.5, fill: null };
      function line(x1, y1, x2, y2) {
        return { type: 'line', shape: { x1: x1, y1: y1, x2: x2, y2: y2 }, style: style };
      }
      return {
        type: 'group',
        children: [
          line(from[0], y, to[0], y),
          line(from[0], y - 4, from[0], y + 4),
          line(to[0], y - 4, to[0], y + 4)
        ]
      };
    },
    band: function (params, api) {
      var points = [
        api.coord([api.value(0), api.value(1)]), api.coord([api.value(0), api.value(2)]),
        api.coord([api.value(3), api.value(5)]), api.coord([api.value(3), api.value(4)])
      ];
      return {
        type: 'polygon',
        shape: { points: points },
        style: { fill: api.visual('color'), opacity: 0.2 }
      };
    }
  };

  /* Names of colours become the colours of the present theme. */
  function resolved(node, style) {
    if (typeof node === 'string' && node.indexOf('var(--') === 0) {
      return style.getPropertyValue(node.slice(4, -1)).trim();
    }
    if (Array.isArray(node)) { return node.map(function (part) { return resolved(part, style); }); }
    if (node && typeof node === 'object') {
      var copy = {};
      Object.keys(node).forEach(function (key) { copy[key] = resolved(node[key], style); });
      return copy;
    }
    return node;
  }

  function axis(given, quiet) {
    var base = JSON.parse(JSON.stringify(quiet));
    Object.keys(given).forEach(function (key) {
      var both = base[key] && typeof base[key] === 'object' && !Array.isArray(given[key]);
      base[key] = both ? Object.assign(base[key], given[key]) : given[key];
    });
    base.axisLabel = base.axisLabel || {};
    if (base.type === 'value') { base.axisLabel.formatter = minus; }
    return base;
  }

  function dressed(option) {
    var style = getComputedStyle(root);
    var ink = style.getPropertyValue('--muted').trim();
    var line = style.getPropertyValue('--line').trim();
    var quiet = {
      axisLine: { show: true, lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: { color: ink, fontSize: 12, hideOverlap: true },
      nameTextStyle: { color: ink, fontSize: 12 },
      splitLine: { lineStyle: { color: line, opacity: 0.6 } }
    };
    var full = resolved(option, style);
    full.xAxis = axis(full.xAxis, quiet);
    full.yAxis = axis(full.yAxis, quiet);
    full.series.forEach(function (series) {
      if (series.shape) { series.renderItem = shapes[series.shape]; }
    });
    full.animation = false;
    full.backgroundColor = 'transparent';
    full.textStyle = { fontFamily: style.getPropertyValue('--sans').trim(), color: ink };
    full.tooltip = {
      trigger: 'item',
      formatter: tip,
      confine: true,
      backgroundColor: style.getPropertyValue('--raised').trim(),
      borderColor: line,
      textStyle: { color: style.getPropertyValue('--ink').trim(), fontSize: 13 },
      extraCssText: 'max-width:22rem;white-space:normal;box-shadow:none'
    };
    return full;
  }

  /* A name of the axis below that is longer than the drawing is written smaller. */
  function named(entry) {
    var letters = (entry.option.xAxis.name || '').length;
    var size = Math.max(8, Math.min(12, 1.9 * entry.place.clientWidth / Math.max(1, letters)));
    entry.chart.setOption({ xAxis: { nameTextStyle: { fontSize: size } } });
  }

  function draw(entry) {
    if (entry.place.clientWidth === 0) { return; }
    if (!entry.chart) {
      /* Elements of an SVG drawing carry styles, which a page with a strict policy refuses: it asks for a canvas. */
      entry.chart = window.echarts.init(entry.place, null, { renderer: root.dataset.renderer || 'svg' });
    }
    entry.chart.setOption(dressed(entry.option), true);
    named(entry);
    frame(entry);
  }

  /* Paper scales the drawing to its column, for which it must know its own size. */
  function frame(entry) {
    var svg = entry.place.querySelector('svg');
    if (svg) { svg.setAttribute('viewBox', '0 0 ' + entry.chart.getWidth() + ' ' + entry.chart.getHeight()); }
  }

  function drawAll() { drawn.forEach(draw); }

  function resizeAll() {
    drawn.forEach(function (entry) {
      if (!entry.chart) {
        draw(entry);
      } else if (entry.place.clientWidth > 0) {
        entry.chart.resize();
        named(entry);
        frame(entry);
      }
    });
  }

  function collect(part) {
    part.querySelectorAll('script.chart-option').forEach(function (script) {
      var place = document.getElementById(script.getAttribute('data-for'));
      place.style.height = place.dataset.height + 'px';
      drawn.push({
        place: place,
        option: JSON.parse(script.textContent),
        chart: null
      });
    });
  }

  /* Sorting: a head is a button; numbers by data-sort, words by the alphabet, what is missing last. */
  function key(row, column) {
    var cell = row.cells[column];
    var given = cell.getAttribute('data-sort');
    return given === null ? cell.textContent.trim() : given;
  }

  function order(a, b, sign) {
    var missing = function (text) { return text === 'NaN' || text === ''; };
    if (missing(a) || missing(b)) { return (missing(a) ? 1 : 0) - (missing(b) ? 1 : 0); }
    var x = Number(a);
    var y = Number(b);
    if (isNaN(x) || isNaN(y)) { return sign * a.localeCompare(b, 'en', { numeric: true }); }
    return x === y ? 0 : sign * (x < y ? -1 : 1);
  }

  function sortBy(table, head, column) {
    var up = head.getAttribute('aria-sort') !== 'ascending';
    table.querySelectorAll('thead th').forEach(function (other) { other.removeAttribute('aria-sort'); });
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    var body = table.tBodies[0];
    Array.from(body.rows)
      .sort(function (a, b) { return order(key(a, column), key(b, column), up ? 1 : -1); })
      .forEach(function (row) { body.appendChild(row); });
  }

  function sortable(table) {
    table.querySelectorAll('thead th').forEach(function (head, column) {
      if (!head.textContent.trim()) { return; } // of buttons: nothing to sort by, and no name for a reader
      var button = document.createElement('button');
      button.type = 'button';
      button.title = 'Sort by this column';
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener('click', function () { sortBy(table, head, column); });
    });
  }

  /* Light and dark: the system's wish until the button says otherwise. */
  var system = window.matchMedia('(prefers-color-scheme: dark)');

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === 'dark' : system.matches;
  }

  function label(button) {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', 'Switch to the ' + (isDark() ? 'light' : 'dark') + ' theme');
  }

  function themes() {
    var button = document.getElementById('theme');
    button.hidden = false;
    label(button);
    button.addEventListener('click', function () {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      label(button);
      drawAll();
    });
    system.addEventListener('change', function () {
      label(button);
      drawAll();
    });
  }

  /* Paper: everything unfolded, in light colours. */
  function printing() {
    var folded = [];
    var theme = '';
    window.addEventListener('beforeprint', function () {
      theme = root.dataset.theme || '';
      root.dataset.theme = 'light';
      folded = Array.from(document.querySelectorAll('details:not([open]):not(.numbers)'));
      folded.forEach(function (details) { details.open = true; });
      drawAll();
    });
    window.addEventListener('afterprint', function () {
      folded.forEach(function (details) { details.open = false; });
      if (theme) { root.dataset.theme = theme; } else { delete root.dataset.theme; }
      drawAll();
    });
  }

  /* A link into a folded audit unfolds it. */
  function unfold() {
    var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    var details = target && (target.closest('details') || target.querySelector('details'));
    if (details) {
      details.open = true;
      target.scrollIntoView();
    }
  }

  /* Makes a part of the page live: what it replaced is let go. */
  function show(part) {
    drawn = drawn.filter(function (entry) {
      if (entry.place.isConnected) { return true; }
      if (entry.chart) { entry.chart.dispose(); }
      return false;
    });
    collect(part);
    drawAll();
    part.querySelectorAll('table.sortable').forEach(sortable);
    part.querySelectorAll('details').forEach(function (details) {
      details.addEventListener('toggle', resizeAll);
    });
  }

  themes();
  printing();
  show(document);
  window.credenceReport = { show: show };
  window.addEventListener('resize', resizeAll);
  window.addEventListener('hashchange', unfold);
  unfold();
})();
