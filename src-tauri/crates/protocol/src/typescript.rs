//! The same declarations as TypeScript, for `ui/src/bridge/types.d.ts`. Used by a test, which proves the file current.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};

use ts_rs::{Config, TS, TypeVisitor};

/// Declarations by name, collected by walking from the commands and the frame through everything they mention.
struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            self.found.insert(T::ident(&self.config), format!("{docs}export {}\n", T::decl(&self.config)));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The whole of `types.d.ts`.
pub fn typescript() -> String {
    let config = Config::new().with_large_int("number");
    let commands = crate::command::commands_typescript(&config);
    let mut declarations = Declarations { config, seen: HashSet::new(), found: BTreeMap::new() };
    crate::command::visit_commands(&mut declarations);
    declarations.visit::<crate::Frame>();

    let mut out = String::from("// Generated from src-tauri/crates/protocol by `make types`. Do not edit.\n\n");
    for declaration in declarations.found.values() {
        out.push_str(declaration);
        out.push('\n');
    }
    out.push_str(&commands);
    out
}
