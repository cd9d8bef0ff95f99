#!/usr/bin/env node
// Exports icons/capibara6.svg to every size and container that the systems ask for. Needs rsvg-convert (librsvg).
// ICO and ICNS are plain containers of PNG pictures, so they are written here instead of by a tool of their own:
// https://learn.microsoft.com/en-us/previous-versions/ms997538(v=msdn.10) and https://en.wikipedia.org/wiki/Apple_Icon_Image_format

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../icons/", import.meta.url);
const drawing = readFileSync(new URL("capibara6.svg", folder), "utf8");

// What part of the drawing is shown: small pictures have no pixel to spare for a margin, macOS wants a wide one.
const VIEW = { bare: "24 24 464 464", plain: "0 0 512 512", macos: "-28 -28 568 568" };

/** Draws the mark as a PNG of `size` pixels. */
function png(size, view) {
  const input = drawing.replace('viewBox="0 0 512 512"', `viewBox="${VIEW[view]}"`);
  return execFileSync("rsvg-convert", ["--width", String(size), "--height", String(size)], { input });
}

/** A Windows icon: a directory of pictures, then the pictures. */
function ico(sizes) {
  const pictures = sizes.map((size) => ({ size, data: png(size, "bare") }));
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  pictures.forEach(({ size, data }, index) => {
    const at = 6 + 16 * index;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(data.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += data.length;
  });
  return Buffer.concat([head, ...pictures.map(({ data }) => data)]);
}

/** A macOS icon: a length-prefixed list of pictures, each with a type that stands for its size. */
function icns(types) {
  const chunk = (type, data) => {
    const head = Buffer.alloc(8);
    head.write(type, "latin1");
    head.writeUInt32BE(data.length + 8, 4);
    return Buffer.concat([head, data]);
  };
  return chunk("icns", Buffer.concat(types.map(([type, size]) => chunk(type, png(size, "macos")))));
}

const files = {
  "32x32.png": png(32, "bare"),
  "64x64.png": png(64, "bare"),
  "128x128.png": png(128, "plain"),
  "128x128@2x.png": png(256, "plain"),
  "icon.png": png(512, "plain"),
  "icon.ico": ico([16, 24, 32, 48, 64, 256]),
  "icon.icns": icns([
    ["icp4", 16],
    ["icp5", 32],
    ["ic11", 32],
    ["ic12", 64],
    ["ic07", 128],
    ["ic13", 256],
    ["ic08", 256],
    ["ic14", 512],
    ["ic09", 512],
    ["ic10", 1024],
  ]),
};
for (const [name, data] of Object.entries(files)) {
  writeFileSync(new URL(name, folder), data);
}
