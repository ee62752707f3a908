//! YAML, as far as templates use it.

use saphyr_parser::{Event, Parser, StrInput};

/// A value; a number is the text it is written as.
pub enum Node {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    /// `!Ref` and its kind, by their name without the exclamation mark.
    Tagged(String, Box<Node>),
}

impl Node {
    pub fn get(&self, key: &str) -> Option<&Node> {
        let (_, value) = self.entries().iter().find(|(name, _)| name == key)?;
        Some(value)
    }

    /// The value of `key`; nothing where there is none.
    pub fn at(&self, key: &str) -> &Node {
        static NOTHING: Node = Node::List(Vec::new());
        self.get(key).unwrap_or(&NOTHING)
    }

    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> &[(String, Node)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Node] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The text below any tag; empty where there is none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Tagged(_, inner) => inner.text(),
            _ => "",
        }
    }

    pub fn visit<'a>(&'a self, seen: &mut impl FnMut(&'a Node)) {
        seen(self);
        match self {
            Self::Text(_) => {}
            Self::Tagged(_, inner) => inner.visit(seen),
            Self::List(items) => items.iter().for_each(|item| item.visit(seen)),
            Self::Map(entries) => entries.iter().for_each(|(_, value)| value.visit(seen)),
        }
    }
}

pub fn parse(text: &str) -> Node {
    let mut parser = Parser::new_from_str(text);
    loop {
        match next(&mut parser) {
            Event::StreamStart | Event::DocumentStart(_) => {}
            event => return node(event, &mut parser),
        }
    }
}

fn next<'a>(parser: &mut Parser<'a, StrInput<'a>>) -> Event<'a> {
    let event = parser.next_event().expect("the document goes on");
    event.expect("template.yaml is YAML").0
}

fn node<'a>(event: Event<'a>, parser: &mut Parser<'a, StrInput<'a>>) -> Node {
    let (node, tag) = match event {
        Event::Scalar(text, _, _, tag) => (Node::Text(text.into_owned()), tag),
        Event::SequenceStart(_, tag) => {
            let mut items = Vec::new();
            loop {
                match next(parser) {
                    Event::SequenceEnd => break,
                    event => items.push(node(event, parser)),
                }
            }
            (Node::List(items), tag)
        }
        Event::MappingStart(_, tag) => {
            let mut entries: Vec<(String, Node)> = Vec::new();
            while let Event::Scalar(key, ..) = next(parser) {
                let key = key.into_owned();
                assert!(
                    entries.iter().all(|(known, _)| *known != key),
                    "{key} stands twice"
                );
                let value = next(parser);
                entries.push((key, node(value, parser)));
            }
            (Node::Map(entries), tag)
        }
        event => panic!("templates have no {event:?}"),
    };
    match tag {
        Some(tag) => Node::Tagged(tag.suffix.clone(), Box::new(node)),
        None => node,
    }
}
