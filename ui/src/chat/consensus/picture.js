/**
 * The small picture of a vote: one bar per member, as wide as its weight; full in the model's hue where it gave the heaviest
 * answer, hatched where it dissents, an outline where it said nothing that counts. An SVG with attributes only, because the
 * window's policy allows no inline styles; what it shows is also its name.
 */
import { nothing, svg } from "lit";
import { t } from "../../i18n.js";
import { nameOf, weightWords } from "./words.js";

/** @import { ConsensusRun } from "../../bridge/types.js" */
/** @import { Session } from "../../state/session.js" */

const WIDTH = 132;
const HEIGHT = 10;
const GAP = 2;
/** Between those who say something else. */
const WIDE_GAP = 6;

/** @typedef {"with" | "against" | "silent" | "waiting" | "writing" | "done"} Stand */

/**
 * Who stands where, in the order of the bars: the heaviest answer first, those who were silent last.
 * @param {ConsensusRun} run
 * @returns {Array<{ slots: number[], stand: Stand }>}
 */
export function stands({ candidates, verdict }) {
  if (!verdict) {
    return candidates.map(({ slot, status }) => ({
      slots: [slot],
      stand:
        status === "streaming"
          ? "writing"
          : status === "complete"
            ? "done"
            : status === "waiting"
              ? "waiting"
              : "silent",
    }));
  }
  return [
    ...verdict.groups.map(({ slots }, n) => ({ slots, stand: /** @type {Stand} */ (n === 0 ? "with" : "against") })),
    ...verdict.silent.map(({ slot }) => ({ slots: [slot], stand: /** @type {Stand} */ ("silent") })),
  ];
}

/**
 * @param {ConsensusRun} run
 * @param {Session} session
 */
export function votePicture(run, session) {
  const parts = stands(run);
  const byHead = run.verdict !== undefined && run.plan.method === "majority";
  const weightOf = (/** @type {number} */ slot) =>
    byHead ? 1 : (run.candidates.find((each) => each.slot === slot)?.weight ?? 1);
  const all = parts.flatMap(({ slots }) => slots);
  const total = all.reduce((sum, slot) => sum + weightOf(slot), 0) || 1;
  const wide = run.verdict ? parts.filter(({ stand }) => stand !== "silent").length - 1 : 0;
  const room = WIDTH - (all.length - 1) * GAP - Math.max(0, wide) * (WIDE_GAP - GAP);
  let x = 0;
  const bars = parts.flatMap(({ slots, stand }, n) =>
    slots.map((slot, m) => {
      const width = (room * weightOf(slot)) / total;
      const begin = x;
      const last = m === slots.length - 1;
      const next = parts[n + 1];
      x += width + (last && run.verdict && next && next.stand !== "silent" ? WIDE_GAP : GAP);
      return bar(run.id, session.hueOf(run.candidates.find((each) => each.slot === slot)?.model), stand, begin, width);
    }),
  );
  const words = parts.flatMap(({ slots, stand }) =>
    slots.map((slot) =>
      t("consensus-bar", {
        model: nameOf(run, slot, session),
        weight: weightWords(weightOf(slot)),
        stand: t(`consensus-stand-${stand}`),
      }),
    ),
  );
  return svg`<svg class="vote-picture" data-testid="vote-picture" viewBox="0 0 ${WIDTH} ${HEIGHT}" width=${WIDTH} height=${HEIGHT} role="img" aria-label=${words.join("; ")}>
    <defs>${["1", "2", "3", "4", "0"].map(
      (
        hue,
      ) => svg`<pattern id="hatch-${run.id}-${hue}" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="vote-hatch" data-hue=${hue} width="1.8" height="4"></rect>
      </pattern>`,
    )}</defs>
    ${bars}
  </svg>`;
}

/**
 * @param {string} id
 * @param {string | undefined} hue
 * @param {Stand} stand
 * @param {number} x
 * @param {number} width
 */
function bar(id, hue, stand, x, width) {
  const hollow = stand !== "with" && stand !== "done";
  const inset = hollow ? 0.75 : 0;
  return svg`<rect class="vote-bar" data-stand=${stand} data-hue=${hue ?? "0"}
    x=${(x + inset).toFixed(2)} y=${inset} width=${Math.max(1, width - 2 * inset).toFixed(2)} height=${HEIGHT - 2 * inset} rx="2"
    fill=${stand === "against" ? `url(#hatch-${id}-${hue ?? "0"})` : nothing}></rect>`;
}
