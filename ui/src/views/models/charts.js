/**
 * The few charts there are, as SVG with attributes only (the window's policy allows no inline styles). Each has the same figures as
 * its name, so that nobody needs to see it.
 */
import { svg } from "lit";
import { i18n, t } from "../../i18n.js";

const GAP = 0.6;

/**
 * Shares of a whole, one bar after the other.
 * @param {string} label
 * @param {ReadonlyArray<{ label: string, hue: string | undefined, value: number }>} parts
 */
export function shares(label, parts) {
  const all = parts.reduce((sum, { value }) => sum + value, 0) || 1;
  const room = 100 - GAP * Math.max(0, parts.length - 1);
  let x = 0;
  const bars = parts.map(({ hue, value }) => {
    const width = (room * value) / all;
    const begin = x;
    x += width + GAP;
    return svg`<rect class="share-bar" data-hue=${hue ?? "0"} x=${begin.toFixed(2)} width=${width.toFixed(2)} height="10"></rect>`;
  });
  const share = parts
    .map((part) => `${part.label} ${i18n.number(part.value / all, { style: "percent", maximumFractionDigits: 0 })}`)
    .join(", ");
  return svg`<svg class="shares" data-testid="shares" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label=${t("models-bar", { label, share })}>${bars}</svg>`;
}

/**
 * How a figure went over time, from 0 up.
 * @param {string} label
 * @param {string | undefined} hue
 * @param {ReadonlyArray<{ at: number, value: number }>} points Oldest first.
 */
export function line(label, hue, points) {
  const [first] = points;
  const last = points.at(-1);
  const most = Math.max(...points.map(({ value }) => value)) || 1;
  const span = first && last ? last.at - first.at || 1 : 1;
  const place = (/** @type {{ at: number, value: number }} */ { at, value }) =>
    `${(((at - (first?.at ?? 0)) / span) * 200).toFixed(1)},${(35 - (value / most) * 32).toFixed(1)}`;
  const one = points.length === 1 && first ? [first, { ...first, at: first.at + span }] : points;
  return svg`<svg class="line" viewBox="0 0 200 36" preserveAspectRatio="none" role="img" aria-label=${label}>
    <line class="line-ground" x1="0" x2="200" y1="35.5" y2="35.5"></line>
    <polyline class="line-path" data-hue=${hue ?? "0"} points=${one.map(place).join(" ")}></polyline>
  </svg>`;
}
