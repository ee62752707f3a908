//! Several ES modules as one script.
//!
//! Each module becomes a block, which keeps its names to itself, after those
//! that it imports from. Nothing else is changed, so the script reads as the
//! modules do. Bundlers that parse JavaScript (swc, oxc) take longer to build
//! than all functions together; a module here says `import` and `export` in
//! few ways, and any other way ends the start.

use std::fmt::Write;

/// The script that begins with the module `entry`. Other modules are named as
/// `import` does it: `./name.js`.
pub(super) fn join(entry: &str, modules: &[(&str, &str)]) -> String {
    let mut script = Script {
        modules,
        open: Vec::new(),
        done: Vec::new(),
        text: "const $modules = {};\n".to_owned(),
    };
    script.add(entry);
    script.text
}

struct Script<'a> {
    modules: &'a [(&'a str, &'a str)],
    /// The modules that wait for one of their imports.
    open: Vec<String>,
    done: Vec<String>,
    text: String,
}

impl Script<'_> {
    fn add(&mut self, name: &str) {
        if self.done.iter().any(|done| done == name) {
            return;
        }
        assert!(
            !self.open.iter().any(|open| open == name),
            "{name} is imported in a circle: {:?}",
            self.open
        );
        self.open.push(name.to_owned());
        let module = self.modules.iter().find(|(known, _)| *known == name);
        let (_, source) = module.unwrap_or_else(|| panic!("{name} is imported and not there"));
        let (mut body, mut exports) = (String::new(), Vec::new());
        for line in source.lines() {
            if line.starts_with("import ") {
                let (binding, from) = import(line)
                    .unwrap_or_else(|| panic!("{name}: only one-line imports, not `{line}`"));
                self.add(from);
                writeln!(body, "const {binding} = $modules[\"{from}\"];")
            } else if let Some(declaration) = line.strip_prefix("export ") {
                let export = declared(declaration)
                    .unwrap_or_else(|| panic!("{name}: only declarations, not `{line}`"));
                exports.push(export);
                writeln!(body, "{declaration}")
            } else {
                writeln!(body, "{line}")
            }
            .expect("a string takes all that is written");
        }
        let exports = exports.join(", ");
        self.text += &format!("\n{{\n{body}$modules[\"{name}\"] = {{ {exports} }};\n}}\n");
        self.open.pop();
        self.done.push(name.to_owned());
    }
}

/// The names that `import { a } from "./b.js";` and
/// `import * as b from "./b.js";` bind, and the module.
fn import(line: &str) -> Option<(&str, &str)> {
    let (bindings, from) = line.strip_prefix("import ")?.split_once(" from ")?;
    let name = from.strip_prefix("\"./")?.strip_suffix("\";")?;
    let is_list =
        bindings.starts_with('{') && bindings.ends_with('}') && !bindings.contains(" as ");
    let binding = match bindings.strip_prefix("* as ") {
        Some(namespace) => namespace,
        None => is_list.then_some(bindings)?,
    };
    Some((binding, name))
}

/// The name of what is declared, which can't change: an exported `let` would
/// be copied before it does.
fn declared(declaration: &str) -> Option<&str> {
    let named = ["async function ", "function ", "class ", "const "]
        .iter()
        .find_map(|keyword| declaration.strip_prefix(keyword))?;
    named
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_comes_after_what_it_imports_and_once() {
        let script = join(
            "a.js",
            &[
                (
                    "a.js",
                    "import { b } from \"./b.js\";\nimport * as c from \"./c.js\";\nb(c.C);",
                ),
                (
                    "b.js",
                    "import { C } from \"./c.js\";\nexport async function b(it) {}\n",
                ),
                (
                    "c.js",
                    "const own = 1;\nexport const C = own;\nexport class D {}\n",
                ),
            ],
        );
        assert_eq!(
            script,
            "const $modules = {};

{
const own = 1;
const C = own;
class D {}
$modules[\"c.js\"] = { C, D };
}

{
const { C } = $modules[\"c.js\"];
async function b(it) {}
$modules[\"b.js\"] = { b };
}

{
const { b } = $modules[\"b.js\"];
const c = $modules[\"c.js\"];
b(c.C);
$modules[\"a.js\"] = {  };
}
"
        );
    }

    #[test]
    fn what_cannot_be_joined_is_refused() {
        for source in [
            "import {",
            "import \"./a.js\";",
            "import { a as b } from \"./a.js\";",
            "import { a } from \"./a.js\";",
            "import { c } from \"./none.js\";",
            "import { c } from \"https://example.com/c.js\";",
            "export let a = 1;",
            "export default 1;",
            "export { a };",
        ] {
            let joined = std::panic::catch_unwind(|| join("a.js", &[("a.js", source)]));
            assert!(joined.is_err(), "{source}");
        }
    }
}
