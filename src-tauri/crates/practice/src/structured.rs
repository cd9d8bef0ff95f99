//! Replies that keep a JSON schema: a judge's choice, a synthesis, and the smallest value of any other schema. A real server makes
//! its model keep the schema; here the schema itself is the script.

use serde_json::{Map, Value, json};

use crate::language::Language;

/// How deep a schema is followed.
const DEEPEST: usize = 8;

/// Whether a schema asks for an answer and nothing else.
pub(crate) fn asks_for_the_answer(schema: &Value) -> bool {
    let asked = schema["properties"].as_object();
    asked.is_some_and(|asked| asked.len() == 1 && asked.get("answer").is_some_and(|answer| answer["type"] == "string"))
}

/// The answer alone; empty where there is no definite one.
pub(crate) fn answer(answer: Option<String>) -> String {
    json!({ "answer": answer.unwrap_or_default() }).to_string()
}

/// What a reply to `prompt` that keeps `schema` says.
pub(crate) fn reply(schema: &Value, prompt: &str, language: Language) -> String {
    let properties = &schema["properties"];
    let candidates = candidates(prompt);
    let value = if properties["choice"]["enum"].is_array() {
        judge(schema, &candidates, language)
    } else if properties["parts"].is_object() && !candidates.is_empty() {
        synthesis(schema, &candidates, language)
    } else {
        least(schema, DEEPEST)
    };
    value.to_string()
}

/// A candidate as it is quoted in a prompt.
struct Quoted<'p> {
    label: &'p str,
    text: &'p str,
}

/// The candidates between their marks (`<<<candidate K 5f…>>>`).
fn candidates(prompt: &str) -> Vec<Quoted<'_>> {
    prompt
        .split("<<<candidate ")
        .skip(1)
        .filter_map(|rest| {
            let (head, text) = rest.split_once(">>>\n")?;
            let (label, _) = head.split_once(' ')?;
            let (text, _) = text.split_once("\n<<<end of candidate ")?;
            Some(Quoted { label, text })
        })
        .collect()
}

/// The same candidate in whichever order: the longest, of these the first by the alphabet.
fn best<'c, 'p>(candidates: &'c [Quoted<'p>]) -> Option<&'c Quoted<'p>> {
    candidates.iter().max_by(|a, b| a.text.len().cmp(&b.text.len()).then_with(|| b.text.cmp(a.text)))
}

fn judge(schema: &Value, candidates: &[Quoted<'_>], language: Language) -> Value {
    let mut value = least(schema, DEEPEST);
    if let Some(best) = best(candidates) {
        value["choice"] = json!(best.label);
    }
    value["reason"] = json!(match language {
        Language::English => "A practice judge prefers the longest answer; a real one reads them.",
        Language::Spanish => "Un juez de prácticas prefiere la respuesta más larga; uno de verdad las lee.",
    });
    value
}

fn synthesis(schema: &Value, candidates: &[Quoted<'_>], language: Language) -> Value {
    let mut value = least(schema, DEEPEST);
    let all: Vec<&str> = candidates.iter().map(|each| each.label).collect();
    let best = best(candidates);
    let first = best.map_or("", |best| best.text.split("\n\n").next().unwrap_or_default());
    let from: Vec<&str> = best.iter().map(|best| best.label).collect();
    let (second, agreed) = match language {
        Language::English => (
            "The rest is practice: a real model would join here what the others say.",
            "All of them come from the practice fleet.",
        ),
        Language::Spanish => (
            "Lo demás es práctica: un modelo de verdad uniría aquí lo que dicen los otros.",
            "Todas vienen de la flota de prácticas.",
        ),
    };
    value["parts"] = json!([{ "text": first, "from": from }, { "text": second, "from": all }]);
    value["consensus"] = json!([{ "text": agreed, "from": all }]);
    value
}

/// The smallest value that a schema admits, as far as schemas of this kind go.
fn least(schema: &Value, depth: usize) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
            let names = required.iter().filter_map(Value::as_str);
            let object: Map<String, Value> =
                names.map(|name| (name.to_owned(), least(&schema["properties"][name], depth - 1))).collect();
            Value::Object(object)
        }
        Some("array") => {
            let count = schema["minItems"].as_u64().unwrap_or(0).min(16);
            (0..count).map(|_| least(&schema["items"], depth - 1)).collect()
        }
        Some("integer" | "number") => json!(0),
        Some("boolean") => json!(false),
        Some("string") => json!(""),
        Some(_) | None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(order: [(&str, &str); 2]) -> String {
        let mut prompt = String::from("<<<question 0f>>>\nHow much?\n<<<end of question 0f>>>");
        for (label, text) in order {
            prompt.push_str(&format!("\n\n<<<candidate {label} 0f>>>\n{text}\n<<<end of candidate {label} 0f>>>"));
        }
        prompt
    }

    fn read(reply: &str) -> Value {
        serde_json::from_str(reply).unwrap()
    }

    #[test]
    fn a_judge_chooses_the_same_candidate_in_both_orders() {
        let schema = json!({
            "type": "object",
            "properties": { "reason": { "type": "string" }, "choice": { "type": "string", "enum": ["K", "T", "none"] } },
            "required": ["reason", "choice"],
        });
        let first = read(&reply(&schema, &prompt([("K", "42"), ("T", "forty-two")]), Language::English));
        let second = read(&reply(&schema, &prompt([("T", "forty-two"), ("K", "42")]), Language::Spanish));
        assert_eq!((&first["choice"], &second["choice"]), (&json!("T"), &json!("T")));
        assert_eq!(first.as_object().unwrap().len(), 2, "{first}");
    }

    #[test]
    fn a_synthesis_has_two_parts_and_cites_only_what_it_was_shown() {
        let list = json!({ "type": "array", "items": {} });
        let schema = json!({
            "type": "object",
            "properties": { "parts": { "type": "array", "minItems": 1, "items": {} }, "consensus": list, "contradictions": list, "unique": list, "gaps": list },
            "required": ["parts", "consensus", "contradictions", "unique", "gaps"],
        });
        let said = read(&reply(&schema, &prompt([("K", "42"), ("T", "It is 42.\n\nReally.")]), Language::English));
        assert_eq!(said["parts"][0], json!({ "text": "It is 42.", "from": ["T"] }));
        assert_eq!(said["parts"][1]["from"], json!(["K", "T"]));
        assert_eq!((&said["contradictions"], &said["gaps"]), (&json!([]), &json!([])));
    }

    #[test]
    fn any_other_schema_gets_its_smallest_value() {
        let schema = json!({
            "type": "object",
            "properties": { "n": { "type": "integer" }, "all": { "type": "array", "minItems": 2, "items": { "type": "boolean" } }, "x": { "type": "string" } },
            "required": ["n", "all"],
        });
        assert_eq!(read(&reply(&schema, "", Language::English)), json!({ "n": 0, "all": [false, false] }));
        assert_eq!(read(&reply(&json!({ "$ref": "#" }), "", Language::English)), Value::Null);
    }
}
