"use strict";

const $ = (id) => document.getElementById(id);
const KEYS = {
  ArrowRight: 7, ArrowLeft: 6, ArrowDown: 5, ArrowUp: 4,
  Enter: 3, ShiftLeft: 2, ShiftRight: 2, KeyZ: 1, KeyX: 0,
};
// Before a page asks again for what it has not got.
const PATIENCE = 5000;

let hello = null;
let colours = null;
let socket = null;
let chosen = 0;
let first = 0;
let playing = null;
let held = 0;
let curve = { version: -1, points: [] };
let montage = null;
let columns = 1;
let waiting = 0;
let ended = false;

// --- the connection ---

function connect() {
  const address = new URL("socket", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.onmessage = (event) => {
    if (typeof event.data === "string") {
      receive(JSON.parse(event.data));
    } else {
      show(event.data).catch((error) => say(String(error), true)).finally(ask);
    }
  };
  socket.onclose = () => {
    stopPlaying();
    if (!ended) {
      say("not connected: the run has ended, or too many pages are open", true);
      setTimeout(connect, 3000);
    }
  };
}

function send(message) {
  if (socket && socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify(message));
  }
}

// A page that nobody sees asks for nothing.
function ask() {
  if (!hello || document.hidden) {
    waiting = 0;
    return;
  }
  waiting = Date.now();
  send({ type: "next", screen: chosen, first: first, curve: curve.version });
}

function say(text, bad = false) {
  if ($("state").textContent !== text) {
    $("state").textContent = text;
  }
  $("state").classList.toggle("bad", bad);
}

function receive(message) {
  if (message.type === "hello") {
    hello = message;
    document.title = message.title + " – nes-py";
    $("title").textContent = message.title;
    say("connected");
    $("number").max = message.num_envs - 1;
    $("play-bar").hidden = !message.playable;
    $("pages").hidden = message.num_envs <= message.page;
    colours = new Uint32Array(64);
    for (let index = 0; index < 64; index++) {
      const [red, green, blue] = message.palette.slice(3 * index, 3 * index + 3);
      colours[index] = (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
    }
    choose(Math.min(chosen, message.num_envs - 1));
    ask();
  } else if (message.type === "playing") {
    playing = message.screen;
    held = 0;
    const on = playing !== null;
    $("play").setAttribute("aria-pressed", String(on));
    $("play").textContent = on ? "Stop playing" : "Play this emulator";
    $("keys").hidden = $("pad").hidden = !on;
    if (on) {
      $("screen").focus({ preventScroll: true });
    }
    if (message.refused) {
      say("this emulator is played by another page", true);
    }
  }
}

// --- pictures ---

async function unpack(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function paint(target, indices, from, width, height, x, y) {
  const pixels = target.data;
  const words = new Uint32Array(pixels.buffer);
  for (let row = 0; row < height; row++) {
    let place = (y + row) * target.width + x;
    for (let column = 0; column < width; column++) {
      words[place++] = colours[indices[from++] & 63];
    }
  }
}

async function show(data) {
  const length = new DataView(data).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  const rest = new Uint8Array(data, 4 + length);
  const indices = rest.length ? await unpack(rest) : new Uint8Array(0);
  let place = 0;
  if (header.screen) {
    if (header.screen.env === chosen) {
      const context = $("screen").getContext("2d");
      const image = context.createImageData(256, 240);
      paint(image, indices, 0, 256, 240, 0, 0);
      context.putImageData(image, 0, 0);
      $("episode").textContent =
        `reward ${number(header.screen.reward)}, step ${count(header.screen.length)} of the episode` +
        (header.screen.played && playing === null ? ", played by somebody" : "");
    }
    place = 256 * 240;
  }
  if (header.montage && header.montage.first === first) {
    showMontage(header.montage, indices, place);
  }
  if (header.curve) {
    curve = header.curve;
    drawCurves();
  }
  $("fps").textContent = header.fps === null ? "–" : count(Math.round(header.fps));
  $("steps").textContent = count(header.steps);
  $("episodes").textContent = count(header.episodes);
  showThreads(header.busy);
  if (header.closed) {
    ended = true;
    say("the run has ended", true);
  } else {
    say(header.screen ? `${count(hello.num_envs)} emulators, ${hello.frameskip} frames a step` : "waiting for a step …");
  }
}

function showMontage(what, indices, place) {
  montage = what;
  const canvas = $("montage");
  columns = Math.max(1, Math.ceil(Math.sqrt(what.count)));
  const gap = 2;
  const rows = Math.ceil(what.count / columns);
  const width = columns * (what.width + gap) - gap;
  const height = rows * (what.height + gap) - gap;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let tile = 0; tile < what.count; tile++) {
    const x = (tile % columns) * (what.width + gap);
    const y = Math.floor(tile / columns) * (what.height + gap);
    paint(image, indices, place, what.width, what.height, x, y);
    place += what.width * what.height;
  }
  context.putImageData(image, 0, 0);
  markChosen();
  $("range").textContent = `${first} to ${first + what.count - 1} of ${count(hello.num_envs)}`;
  $("before").disabled = first === 0;
  $("after").disabled = first + what.count >= hello.num_envs;
}

function markChosen() {
  const tile = chosen - first;
  if (!montage || tile < 0 || tile >= montage.count) {
    return;
  }
  const context = $("montage").getContext("2d");
  const line = Math.max(2, Math.round($("montage").width / 160));
  context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--mark");
  context.lineWidth = line;
  const x = (tile % columns) * (montage.width + 2);
  const y = Math.floor(tile / columns) * (montage.height + 2);
  context.strokeRect(x + line / 2, y + line / 2, montage.width - line, montage.height - line);
}

function showThreads(busy) {
  const place = $("busy");
  if (!busy) {
    place.textContent = hello.measures ? "–" : "not measured (timing=True)";
    return;
  }
  const meters = busy.slice(0, 32).map((share, thread) => {
    const meter = document.createElement("meter");
    meter.value = share;
    meter.title = `thread ${thread}: ${Math.round(100 * share)} %`;
    return meter;
  });
  const box = document.createElement("div");
  box.className = "threads";
  box.append(`${Math.round(100 * busy.reduce((sum, share) => sum + share, 0) / busy.length)} %`, ...meters);
  place.replaceChildren(box);
}

// --- curves ---

function number(value) {
  return value === null ? "–" : Number(value.toPrecision(4)).toLocaleString("en");
}

function count(value) {
  return value.toLocaleString("en");
}

function short(value) {
  const size = Math.abs(value);
  for (const [limit, unit] of [[1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
    if (size >= limit) {
      return Number((value / (unit === "k" ? 1e3 : limit)).toPrecision(3)) + unit;
    }
  }
  return String(Number(value.toPrecision(3)));
}

function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((one) => one >= rough);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) {
    found.push(Math.abs(value) < step / 1e6 ? 0 : value);
  }
  return found;
}

function drawCurve(id, column) {
  const canvas = $(id);
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const quiet = style.getPropertyValue("--quiet");
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = quiet;
  const points = curve.points.filter((point) => point[column] !== null);
  if (!points.length) {
    context.fillText("no episode has ended yet", 8, 20);
    return;
  }
  const values = points.map((point) => point[column]);
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (low === high) {
    low -= Math.max(1, Math.abs(low) / 10);
    high += Math.max(1, Math.abs(high) / 10);
  }
  const right = Math.max(points[points.length - 1][0], 1);
  const box = { left: 52, right: width - 14, top: 8, bottom: height - 22 };
  const x = (steps) => box.left + steps / right * (box.right - box.left);
  const y = (value) => box.bottom - (value - low) / (high - low) * (box.bottom - box.top);
  context.strokeStyle = style.getPropertyValue("--line");
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of ticks(low, high, 4)) {
    const place = Math.round(y(value)) + 0.5;
    context.beginPath();
    context.moveTo(box.left, place);
    context.lineTo(box.right, place);
    context.stroke();
    context.fillText(short(value), box.left - 6, place);
  }
  context.textBaseline = "top";
  const steps = ticks(0, right, Math.max(2, Math.floor(width / 130)));
  for (const value of steps) {
    context.textAlign = value === 0 ? "left" : x(value) > box.right - 20 ? "right" : "center";
    context.fillText(short(value), x(value), box.bottom + 6);
  }
  context.strokeStyle = context.fillStyle = style.getPropertyValue("--mark");
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  const trace = (value) => {
    context.beginPath();
    points.forEach((point, place) => context.lineTo(x(point[0]), y(value(place))));
    context.stroke();
  };
  // The points, and the mean of some before and behind each.
  const reach = Math.floor(points.length / 20);
  context.globalAlpha = reach ? 0.35 : 1;
  trace((place) => values[place]);
  context.globalAlpha = 1;
  if (reach) {
    context.lineWidth = 2;
    trace((place) => {
      const near = values.slice(Math.max(0, place - reach), place + reach + 1);
      return near.reduce((sum, one) => sum + one, 0) / near.length;
    });
  }
  if (points.length === 1) {
    context.beginPath();
    context.arc(x(points[0][0]), y(points[0][column]), 3, 0, 7);
    context.fill();
  }
}

function drawCurves() {
  drawCurve("rewards", 1);
  drawCurve("lengths", 2);
}

// --- choosing and playing ---

function choose(index) {
  if (!hello || !Number.isInteger(index) || index < 0 || index >= hello.num_envs) {
    return;
  }
  if (index !== chosen && playing !== null) {
    send({ type: "play", screen: playing, on: false });
  }
  chosen = index;
  first = Math.floor(index / hello.page) * hello.page;
  if (document.activeElement !== $("number")) {
    $("number").value = index;
  }
}

function setButton(button, down) {
  const before = held;
  held = down ? held | 1 << button : held & ~(1 << button);
  if (held !== before && playing !== null) {
    send({ type: "buttons", value: held });
  }
}

function stopPlaying() {
  if (playing !== null) {
    receive({ type: "playing", screen: null });
  }
}

$("number").addEventListener("input", () => choose($("number").valueAsNumber));
$("number").addEventListener("blur", () => { $("number").value = chosen; });
$("montage").addEventListener("click", (event) => {
  if (!montage) {
    return;
  }
  const area = $("montage").getBoundingClientRect();
  const x = (event.clientX - area.left) / area.width * $("montage").width;
  const y = (event.clientY - area.top) / area.height * $("montage").height;
  const tile = Math.floor(y / (montage.height + 2)) * columns + Math.floor(x / (montage.width + 2));
  if (tile < montage.count) {
    choose(first + tile);
  }
});
$("before").addEventListener("click", () => choose(Math.max(0, first - hello.page)));
$("after").addEventListener("click", () => choose(first + hello.page));
$("play").addEventListener("click", () => {
  send({ type: "play", screen: chosen, on: playing === null, pace: $("pace").checked });
});
$("pace").addEventListener("change", () => {
  if (playing !== null) {
    send({ type: "play", screen: chosen, on: true, pace: $("pace").checked });
  }
});
for (const [name, down] of [["keydown", true], ["keyup", false]]) {
  document.addEventListener(name, (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type === "number";
    if (playing === null || typing || !(event.code in KEYS) || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    event.preventDefault();
    setButton(KEYS[event.code], down);
  });
}
for (const button of document.querySelectorAll("[data-button]")) {
  const set = (down) => (event) => {
    event.preventDefault();
    button.classList.toggle("down", down);
    setButton(Number(button.dataset.button), down);
  };
  button.addEventListener("pointerdown", set(true));
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    button.addEventListener(name, set(false));
  }
  button.addEventListener("contextmenu", (event) => event.preventDefault());
}
// Keys that are released elsewhere are not seen.
window.addEventListener("blur", () => {
  held = 0;
  if (playing !== null) {
    send({ type: "buttons", value: 0 });
  }
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !waiting) {
    ask();
  }
});
window.addEventListener("resize", drawCurves);
setInterval(() => {
  if (waiting && Date.now() - waiting > PATIENCE) {
    ask();
  }
}, 1000);

drawCurves();
connect();
