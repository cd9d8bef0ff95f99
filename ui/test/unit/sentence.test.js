import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Sentence } from "../../src/sentence.js";
import { Observable } from "../../src/state/observable.js";

class Language extends Observable {
  tag = "en";

  /** @param {string} tag */
  use(tag) {
    this.tag = tag;
    this.changed();
  }
}

test("a sentence stays while it can be heard, and is found by nobody later", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const sentence = new Sentence(new Language());
  /** @type {string[]} */
  const heard = [];
  sentence.observe(() => heard.push(sentence.text));
  sentence.say("Deleted.");
  mock.timers.tick(59_999);
  // Said again, it is heard again and stays as long.
  sentence.say("Deleted.");
  mock.timers.tick(59_999);
  assert.equal(sentence.text, "Deleted.\u00a0");
  mock.timers.tick(1);
  assert.deepEqual(heard, ["Deleted.", "Deleted.\u00a0", ""]);
  mock.timers.reset();
});

test("a sentence goes with its language, and stays where the language stays", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const language = new Language();
  const sentence = new Sentence(language);
  sentence.say("Deleted.");
  language.use("en");
  assert.equal(sentence.text, "Deleted.");
  language.use("es");
  assert.equal(sentence.text, "");
  mock.timers.reset();
});
