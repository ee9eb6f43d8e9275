//! The checks that kubectl applies to any YAML: keys, tags and numbers that cannot be converted to JSON, and aliases that
//! multiply.

use super::super::error::{ParseError, Problem};
use super::super::span::DEPTH;
use super::{Content, NodeId, Tree, core_tag};
use crate::yaml11::{self, Plain};

impl Tree {
    /// Applies kubectl's checks of keys, tags, numbers and aliases, which precede those of fields.
    pub(in crate::kubeconfig) fn check(&self, source: &str) -> Result<(), ParseError> {
        // Cycles first, because all other checks follow aliases.
        if self.aliases > 0
            && let Some(root) = self.root
        {
            Budget::default().spend(self, source, root)?;
        }
        let mut endless = false;
        for (index, node) in self.nodes.iter().enumerate() {
            match &node.content {
                Content::Mapping { .. } => {
                    self.fields(source, NodeId(index as u32))?;
                }
                Content::Scalar { .. } => {
                    endless |= self.is_endless(source, NodeId(index as u32));
                    if let Some(tag) = node.tag.as_deref()
                        && !self.fits(source, NodeId(index as u32), tag)
                    {
                        return Err(ParseError::at(source, node.span, Problem::Tag(tag.to_owned())));
                    }
                }
                Content::Sequence { .. } | Content::Alias(_) | Content::Folded => {}
            }
        }
        // JSON cannot represent such a number; but the value of a key that is overridden later is not converted.
        match self.root {
            Some(root) if endless => self.value(source, root).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Infinity or NaN.
    fn is_endless(&self, source: &str, id: NodeId) -> bool {
        matches!(self.meaning(source, id), Some(Plain::Float(value)) if !value.is_finite())
    }

    fn fits(&self, source: &str, id: NodeId, tag: &str) -> bool {
        let text = self.scalar(source, id).unwrap_or_default();
        let plain = yaml11::plain(text);
        match core_tag(tag) {
            Some("bool") => matches!(plain, Plain::Bool(_)),
            Some("int") => matches!(plain, Plain::Int(_) | Plain::Uint(_)),
            Some("float") => matches!(plain, Plain::Int(_) | Plain::Uint(_) | Plain::Float(_)),
            Some("null") => plain == Plain::Null,
            Some("binary") => crate::codec::base64::decode(text).is_ok(),
            _ => true,
        }
    }
}

/// go-yaml's limit for aliases that multiply (`decode.go`, `allowedAliasRatio`).
#[derive(Default)]
struct Budget {
    nodes: u64,
    aliased: u64,
    depth: u32,
    open: Vec<NodeId>,
}

impl Budget {
    fn spend(&mut self, tree: &Tree, source: &str, id: NodeId) -> Result<(), ParseError> {
        let span = tree.node(id).span;
        self.nodes += 1;
        self.aliased += u64::from(self.depth > 0);
        if self.aliased > 100
            && self.nodes > 1000
            && self.aliased as f64 / self.nodes as f64 > allowed(self.nodes)
        {
            return Err(ParseError::at(source, span, Problem::Aliases));
        }
        match &tree.node(id).content {
            Content::Alias(target) => {
                if self.open.contains(target) {
                    return Err(ParseError::at(source, span, Problem::Cycle));
                }
                self.depth += 1;
                self.enter(tree, source, *target)?;
                self.depth -= 1;
                Ok(())
            }
            _ => self.enter(tree, source, id),
        }
    }

    fn enter(&mut self, tree: &Tree, source: &str, id: NodeId) -> Result<(), ParseError> {
        if self.open.len() > DEPTH * 2 {
            return Err(ParseError::at(source, tree.node(id).span, Problem::Depth));
        }
        self.open.push(id);
        match &tree.node(id).content {
            Content::Sequence { items, .. } => {
                items.iter().try_for_each(|&item| self.spend(tree, source, item))?;
            }
            Content::Mapping { pairs, .. } => {
                for &(key, value) in pairs {
                    self.spend(tree, source, key)?;
                    self.spend(tree, source, value)?;
                }
            }
            Content::Scalar { .. } | Content::Alias(_) | Content::Folded => {}
        }
        self.open.pop();
        Ok(())
    }
}

fn allowed(nodes: u64) -> f64 {
    const LOW: f64 = 400_000.0;
    const HIGH: f64 = 4_000_000.0;
    let nodes = nodes as f64;
    if nodes <= LOW {
        0.99
    } else if nodes >= HIGH {
        0.10
    } else {
        0.99 - 0.89 * ((nodes - LOW) / (HIGH - LOW))
    }
}
