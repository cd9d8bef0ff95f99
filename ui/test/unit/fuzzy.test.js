import assert from "node:assert/strict";
import { test } from "node:test";
import { contains, fold, score } from "../../src/views/fuzzy.js";

/**
 * @param {string} query
 * @param {string[]} texts
 */
function ranked(query, texts) {
  return texts
    .map((text) => ({ text, points: score(query, text) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ text }) => text);
}

test("folding drops accents and case in every script it meets", () => {
  assert.deepEqual(["Migración", "ÑANDÚ", "İstanbul", "Straße", "ﬁn", "日本"].map(fold), [
    "migracion",
    "nandu",
    "istanbul",
    "strasse",
    "fin",
    "日本",
  ]);
});

test("titles are found by every word of the query, in any order", () => {
  assert.equal(contains("vllm migrar", "Migrar el cliente a vLLM"), true);
  assert.equal(contains("LICITACION", "Licitación Bizkaia"), true);
  assert.equal(contains("vllm borrar", "Migrar el cliente a vLLM"), false);
  assert.equal(contains("  ", "cualquiera"), true);
});

test("the beginning counts more than the beginning of a word, that more than its inside, that more than scattered letters", () => {
  assert.deepEqual(ranked("con", ["Icono", "Nueva conversación", "Consenso", "Ajustes"]), [
    "Consenso",
    "Nueva conversación",
    "Icono",
  ]);
  assert.deepEqual(ranked("nvcv", ["Nueva conversación", "Nunca vi una cosa tan larga como la que vas a leer aquí"]), [
    "Nueva conversación",
  ]);
});

test("between equal matches the shorter text wins, and everything matches nothing typed", () => {
  assert.deepEqual(ranked("modo", ["Modo automático de siempre", "Modo"]), ["Modo", "Modo automático de siempre"]);
  assert.deepEqual(ranked("", ["a", "b"]), ["a", "b"]);
  assert.deepEqual(ranked("xyz", ["a", "b"]), []);
});
