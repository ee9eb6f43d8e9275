//! Parses tokens into a tree for each defined template.
//!
//! Has the structure of Go's `text/template/parse`, which looks ahead up to three tokens and reports the line of the
//! last token read.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::lex::{Kind, Lexer, Token};
use super::node::{Branch, List, Node};
use crate::printer::golang;

/// The maximum nesting of actions and parentheses, which is the depth of the recursion.
const MAX_DEPTH: usize = 100;

/// The templates of a text, by name.
pub(super) type Trees = BTreeMap<String, Rc<List>>;

/// Parses a text; the error is Go's message.
pub(super) fn parse(text: &str) -> Result<Trees, String> {
    let mut trees = Trees::new();
    let mut lexer = Lexer::new(text);
    let mut parser = Parser::new(&mut lexer, &mut trees, 0);
    let root = parser.top_level()?;
    parser.define(super::NAME.to_owned(), root)?;
    Ok(trees)
}

/// A parser of one template of the text.
pub(super) struct Parser<'p, 't> {
    lexer: &'p mut Lexer<'t>,
    trees: &'p mut Trees,
    /// The tokens looked ahead, the next one last.
    pub(super) ahead: Vec<Token>,
    last_read: usize,
    pub(super) variables: Vec<String>,
    /// The line of the start of the current action.
    action_line: Option<usize>,
    ranges: usize,
    depth: usize,
}

/// The end of a list.
enum Terminator {
    End,
    Else,
}

/// The result of parsing an action.
enum Item {
    Node(Node),
    Terminator(Terminator),
}

impl<'p, 't> Parser<'p, 't> {
    fn new(lexer: &'p mut Lexer<'t>, trees: &'p mut Trees, depth: usize) -> Self {
        Self {
            lexer,
            trees,
            ahead: Vec::new(),
            last_read: 0,
            variables: vec!["$".to_owned()],
            action_line: None,
            ranges: 0,
            depth,
        }
    }

    fn top_level(&mut self) -> Result<List, String> {
        let mut root = List::new();
        while self.peek().kind != Kind::Eof {
            if self.peek().kind == Kind::LeftDelim {
                let delim = self.next();
                let word = self.next_non_space();
                if word.is_keyword("define") {
                    self.definition()?;
                    continue;
                }
                self.ahead.push(word);
                self.ahead.push(delim);
            }
            match self.item()? {
                Item::Node(node) => root.push(node),
                Item::Terminator(Terminator::End) => return self.fail("unexpected {{end}}"),
                Item::Terminator(Terminator::Else) => return self.fail("unexpected {{else}}"),
            }
        }
        Ok(root)
    }

    fn definition(&mut self) -> Result<(), String> {
        let mut inner = Parser::new(self.lexer, self.trees, self.depth);
        inner.last_read = self.last_read;
        let token = inner.next_non_space();
        let name = inner.template_name(&token, "define clause")?;
        inner.expect(Kind::RightDelim, "define clause")?;
        let body = inner.body("define clause")?;
        inner.define(name, body)
    }

    /// Parses up to the `end` of a definition.
    fn body(&mut self, context: &str) -> Result<List, String> {
        match self.list()? {
            (body, Terminator::End) => Ok(body),
            (_, Terminator::Else) => self.fail(&format!("unexpected {{{{else}}}} in {context}")),
        }
    }

    /// Adds a template. An empty one does not replace an existing one; two that are not empty are an error.
    fn define(&mut self, name: String, body: List) -> Result<(), String> {
        let empty = |list: &List| list.iter().all(Node::is_empty);
        if self.trees.get(&name).is_none_or(|old| empty(old)) {
            self.trees.insert(name, Rc::new(body));
        } else if !empty(&body) {
            let name = golang::quote(name.as_bytes(), false);
            return self.fail(&format!("template: multiple definition of template {name}"));
        }
        Ok(())
    }

    fn list(&mut self) -> Result<(List, Terminator), String> {
        let mut list = List::new();
        while self.peek_non_space().kind != Kind::Eof {
            match self.item()? {
                Item::Node(node) => list.push(node),
                Item::Terminator(terminator) => return Ok((list, terminator)),
            }
        }
        self.fail("unexpected EOF")
    }

    fn item(&mut self) -> Result<Item, String> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(token.text))),
            Kind::LeftDelim => {
                self.action_line = Some(token.line);
                let item = self.nested(Self::action)?;
                self.action_line = None;
                Ok(item)
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Result<Item, String> {
        let token = self.next_non_space();
        let node = match token.text.as_str() {
            _ if token.kind != Kind::Keyword => {
                self.ahead.push(token);
                Node::Action(self.pipeline("command", Kind::RightDelim)?)
            }
            "block" => self.block()?,
            "break" => self.loop_control("{{break}}", Node::Break)?,
            "continue" => self.loop_control("{{continue}}", Node::Continue)?,
            "else" => {
                if !matches!(self.peek_non_space().text.as_str(), "if" | "with") {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Item::Terminator(Terminator::Else));
            }
            "end" => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Item::Terminator(Terminator::End));
            }
            "if" => Node::If(self.branch("if")?),
            "range" => Node::Range(self.branch("range")?),
            "template" => self.template()?,
            "with" => Node::With(self.branch("with")?),
            _ => {
                self.ahead.push(token);
                Node::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        };
        Ok(Item::Node(node))
    }

    fn loop_control(&mut self, context: &str, node: Node) -> Result<Node, String> {
        let token = self.next_non_space();
        if token.kind != Kind::RightDelim {
            return self.unexpected(&token, context);
        }
        if self.ranges == 0 {
            return self.fail(&format!("{context} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    fn branch(&mut self, context: &str) -> Result<Branch, String> {
        let variables = self.variables.len();
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let is_range = usize::from(context == "range");
        self.ranges += is_range;
        let (body, terminator) = self.list()?;
        self.ranges -= is_range;
        let otherwise = match terminator {
            Terminator::End => None,
            // `else if` is an `if` in the `else` branch that shares its `end`.
            Terminator::Else if context != "range" && self.peek().is_keyword(context) => {
                self.next();
                let inner = self.nested(|parser| parser.branch(context))?;
                Some(vec![if context == "if" { Node::If(inner) } else { Node::With(inner) }])
            }
            Terminator::Else => match self.list()? {
                (list, Terminator::End) => Some(list),
                (_, Terminator::Else) => return self.fail("expected end; found {{else}}"),
            },
        };
        self.variables.truncate(variables);
        Ok(Branch { pipe, body, otherwise })
    }

    fn block(&mut self) -> Result<Node, String> {
        let token = self.next_non_space();
        let name = self.template_name(&token, "block clause")?;
        let pipe = self.pipeline("block clause", Kind::RightDelim)?;
        let mut inner = Parser::new(self.lexer, self.trees, self.depth);
        inner.last_read = self.last_read;
        let body = inner.body("block clause")?;
        inner.define(name.clone(), body)?;
        Ok(Node::Template { pos: token.pos, name, pipe: Some(pipe) })
    }

    fn template(&mut self) -> Result<Node, String> {
        let token = self.next_non_space();
        let name = self.template_name(&token, "template clause")?;
        let next = self.next_non_space();
        let pipe = if next.kind == Kind::RightDelim {
            None
        } else {
            self.ahead.push(next);
            Some(self.pipeline("template clause", Kind::RightDelim)?)
        };
        Ok(Node::Template { pos: token.pos, name, pipe })
    }

    fn template_name(&mut self, token: &Token, context: &str) -> Result<String, String> {
        match token.kind {
            Kind::String | Kind::RawString => {
                let bytes = self.string(token)?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => self.unexpected(token, context),
        }
    }

    pub(super) fn nested<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth == MAX_DEPTH {
            return self.fail("max expression depth exceeded");
        }
        self.depth += 1;
        let parsed = parse(self)?;
        self.depth -= 1;
        Ok(parsed)
    }

    pub(super) fn next(&mut self) -> Token {
        if let Some(token) = self.ahead.pop() {
            return token;
        }
        let token = self.lexer.next_token();
        self.last_read = token.line;
        token
    }

    pub(super) fn peek(&mut self) -> &Token {
        let token = self.next();
        self.ahead.push(token);
        &self.ahead[self.ahead.len() - 1]
    }

    pub(super) fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    pub(super) fn peek_non_space(&mut self) -> &Token {
        let token = self.next_non_space();
        self.ahead.push(token);
        &self.ahead[self.ahead.len() - 1]
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<(), String> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(()) } else { self.unexpected(&token, context) }
    }

    pub(super) fn unexpected<T>(&self, token: &Token, context: &str) -> Result<T, String> {
        if token.kind != Kind::Error {
            return self.fail(&format!("unexpected {} in {context}", token.describe()));
        }
        let started = match self.action_line {
            Some(line) if line != token.line => {
                // The message must not be "action in action".
                let joint = if token.text.ends_with(" action") { "" } else { " in action" };
                format!("{joint} started at {}:{line}", super::NAME)
            }
            _ => String::new(),
        };
        self.fail(&format!("{}{started}", token.text))
    }

    pub(super) fn fail<T>(&self, cause: &str) -> Result<T, String> {
        Err(format!("template: {}:{}: {cause}", super::NAME, self.last_read))
    }
}
