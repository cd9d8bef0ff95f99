//! Names of files that every system takes, made from titles that hold anything.
//!
//! What is left out: separators, what Windows reserves (characters and device names), control characters and marks that
//! change the direction of text (a name must not look like another one), dots and blanks at the ends. Names differ also
//! where a system does not tell capitals apart.

use std::collections::HashMap;

/// The longest name in bytes, without what is added to tell it from others and without its ending: file systems take 255.
const LONGEST: usize = 120;

/// Names that Windows gives to devices, with whatever ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Gives names, each once.
#[derive(Debug, Default)]
pub struct Names {
    given: HashMap<String, u32>,
}

impl Names {
    /// A name for a title, with `ending`.
    pub fn name(&mut self, title: &str, ending: &str) -> String {
        let stem = stem(title);
        loop {
            let count = self.given.entry(stem.to_lowercase()).or_default();
            *count += 1;
            let name = if *count == 1 { stem.clone() } else { format!("{stem} ({count})") };
            // "x (2)" may have been given as the name of a title.
            if name == stem || self.given.insert(name.to_lowercase(), 1).is_none() {
                return format!("{name}.{ending}");
            }
        }
    }
}

fn stem(title: &str) -> String {
    let mut stem = String::new();
    for c in title.chars() {
        let c = match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
            c if c.is_whitespace() => ' ',
            c if c.is_control() || is_invisible(c) => continue,
            c => c,
        };
        if stem.len() + c.len_utf8() > LONGEST {
            break;
        }
        if c != ' ' || !stem.ends_with(' ') {
            stem.push(c);
        }
    }
    // A leading dot hides a file, a leading dash makes it look like an option; Windows drops dots and blanks at the end.
    let stem = stem.trim_start_matches(['.', ' ', '-', '~']).trim_end_matches(['.', ' ']);
    let base = stem.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = base.strip_prefix("com").or(base.strip_prefix("lpt"));
    let device = DEVICES.contains(&base.as_str())
        || port.is_some_and(|port| {
            matches!(port, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        });
    match stem {
        "" => "_".to_owned(),
        _ if device => format!("_{stem}"),
        _ => stem.to_owned(),
    }
}

/// Marks that take no space or change the order of letters.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_title_has_a_name_that_every_system_takes() {
        let cases = [
            ("Rivers of the south", "Rivers of the south"),
            ("¿Qué es TCP/IP?", "¿Qué es TCP-IP-"),
            ("../../etc/passwd", "etc-passwd"),
            ("..\\..\\Windows", "Windows"),
            ("C:\\x", "C--x"),
            ("a\u{0}b\nc\td", "ab c d"),
            ("invoice\u{202e}gpj.exe", "invoicegpj.exe"),
            ("", "_"),
            ("...", "_"),
            (" . ", "_"),
            ("con", "_con"),
            ("CON.txt", "_CON.txt"),
            ("com1", "_com1"),
            ("common", "common"),
            ("nul ", "_nul"),
            ("-rf", "rf"),
            ("name.", "name"),
            ("河", "河"),
        ];
        for (title, expected) in cases {
            assert_eq!(Names::default().name(title, "md"), format!("{expected}.md"), "{title:?}");
        }
        let long = Names::default().name(&"ñ".repeat(300), "html");
        assert_eq!(long, format!("{}.html", "ñ".repeat(60)));
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        let titles = ["A", "a", "A (2)", "A", "a (3)", "A"];
        let given: Vec<String> = titles.iter().map(|title| names.name(title, "md")).collect();
        let mut folded: Vec<String> = given.iter().map(|name| name.to_lowercase()).collect();
        folded.sort();
        folded.dedup();
        assert_eq!(folded.len(), titles.len(), "{given:?}");
    }

    proptest::proptest! {
        #[test]
        fn a_name_is_one_component_of_a_path(title in "\\PC*|[\\x00-\\x7f]{0,300}") {
            let name = Names::default().name(&title, "md");
            let path = std::path::Path::new(&name);
            proptest::prop_assert_eq!(path.components().count(), 1);
            proptest::prop_assert_eq!(path.file_name().and_then(|name| name.to_str()), Some(name.as_str()));
            proptest::prop_assert!(name.len() <= LONGEST + 8 && !name.starts_with('.'));
        }
    }
}
