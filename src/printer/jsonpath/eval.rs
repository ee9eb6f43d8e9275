//! Evaluates a parsed template on data.
//!
//! Implements client-go's `JSONPath.FindResults` with its quirks, which scripts may rely on: an index into an empty
//! result is not an error, the body of a `range` over an empty result is still checked, and most errors in a filter
//! for existence count as existence.

use serde_json::Value;

use super::item::{ResultItem, Scalar, children, compare};
use super::parse::{End, Node, Slice};

/// The maximum number of intermediate results. A path such as `..*..*` multiplies them.
const MAX_RESULTS: usize = 10_000_000;

/// The maximum nesting of `range`.
const MAX_RANGES: usize = 100;

/// An error during evaluation.
struct EvalFailure {
    cause: String,
    /// True if client-go returns results together with the error; a filter for existence then matches.
    with_results: bool,
    /// True if a limit of kcx was exceeded; such an error is never ignored.
    fatal: bool,
}

impl EvalFailure {
    fn empty(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), with_results: false, fatal: false }
    }

    fn with_input(cause: impl Into<String>, input: &[ResultItem<'_>]) -> Self {
        Self { with_results: !input.is_empty(), ..Self::empty(cause) }
    }

    fn limit(cause: &str) -> Self {
        Self { fatal: true, ..Self::empty(cause) }
    }
}

type Results<'a> = Result<Vec<ResultItem<'a>>, EvalFailure>;

/// Evaluates every text and action of a template.
pub(super) fn find<'a>(
    nodes: &'a [Node],
    data: &'a Value,
    allow_missing: bool,
) -> Result<Vec<Vec<ResultItem<'a>>>, String> {
    let mut walk = Walk {
        nodes,
        allow_missing,
        starting: 0,
        inside: 0,
        ending: 0,
        depth: 0,
        last_end: None,
        budget: MAX_RESULTS,
    };
    let mut found = Vec::new();
    walk.find(ResultItem::Data(data), 0, &mut found).map_err(|failure| failure.cause)?;
    Ok(found)
}

struct Walk<'a> {
    nodes: &'a [Node],
    allow_missing: bool,
    /// The number of `range` identifiers that were evaluated and not entered yet.
    starting: usize,
    /// The number of open `range` blocks.
    inside: usize,
    /// The number of `end` identifiers that were evaluated and not processed yet.
    ending: usize,
    depth: usize,
    /// The index of the last `end` node: after a `range` block, evaluation continues there.
    last_end: Option<usize>,
    budget: usize,
}

impl<'a> Walk<'a> {
    fn find(
        &mut self,
        current: ResultItem<'a>,
        from: usize,
        found: &mut Vec<Vec<ResultItem<'a>>>,
    ) -> Result<(), EvalFailure> {
        if self.depth > MAX_RANGES {
            return Err(EvalFailure::limit("ranges are nested too deep"));
        }
        let nodes = self.nodes;
        let mut index = from;
        while let Some(node) = nodes.get(index) {
            let results = self.step(vec![current], node)?;
            if self.ending > 0 && self.ending <= self.inside {
                self.ending -= 1;
                self.last_end = Some(index);
                break;
            }
            if self.starting > 0 {
                self.starting -= 1;
                self.inside += 1;
                self.depth += 1;
                for item in &results {
                    let item = if item.is_null() { ResultItem::Nothing } else { *item };
                    self.find(item, index + 1, found)?;
                }
                if results.is_empty() {
                    // Prints nothing, but finds the `end`.
                    self.find(ResultItem::Nothing, index + 1, &mut Vec::new())?;
                }
                self.depth -= 1;
                self.inside -= 1;
                if let Some(end) = self.last_end.filter(|&end| end > index) {
                    index = end;
                }
            } else {
                found.push(results);
            }
            index += 1;
        }
        Ok(())
    }

    fn list(&mut self, input: Vec<ResultItem<'a>>, nodes: &'a [Node]) -> Results<'a> {
        nodes.iter().try_fold(input, |input, node| self.step(input, node))
    }

    fn step(&mut self, input: Vec<ResultItem<'a>>, node: &'a Node) -> Results<'a> {
        let results = match node {
            Node::List(nodes) => self.list(input, nodes),
            Node::Text(text) => Ok(vec![ResultItem::Text(text)]),
            Node::Field(name) => self.field(&input, name),
            Node::Slice(bounds) => slice(&input, *bounds),
            Node::Union(parts) => self.union(&input, parts),
            Node::Filter { left, comparison } => self.filter(&input, left, comparison.as_ref()),
            Node::Wildcard => Ok(input.into_iter().flat_map(children).collect()),
            Node::Recursive => self.recursive(input),
            Node::Identifier(word) => self.identifier(input, word),
            Node::Int(int) => Ok(vec![ResultItem::Int(*int); input.len()]),
            Node::Float(float) => Ok(vec![ResultItem::Float(*float); input.len()]),
            Node::Bool(flag) => Ok(vec![ResultItem::Bool(*flag); input.len()]),
        }?;
        self.spend(results.len() + 1)?;
        Ok(results)
    }

    fn spend(&mut self, amount: usize) -> Result<(), EvalFailure> {
        self.budget = self
            .budget
            .checked_sub(amount)
            .ok_or_else(|| EvalFailure::limit("the template gives too many results"))?;
        Ok(())
    }

    fn identifier(&mut self, input: Vec<ResultItem<'a>>, word: &str) -> Results<'a> {
        match word {
            "range" => {
                self.starting += 1;
                Ok(input)
            }
            "end" if self.inside > 0 => {
                self.ending += 1;
                Ok(Vec::new())
            }
            "end" => Err(EvalFailure::empty("not in range, nothing to end")),
            _ => Err(EvalFailure::with_input(format!("unrecognized identifier {word}"), &input)),
        }
    }

    fn field(&mut self, input: &[ResultItem<'a>], name: &str) -> Results<'a> {
        let results: Vec<_> = input
            .iter()
            .filter_map(|item| match item {
                ResultItem::Data(Value::Object(map)) => map.get(name).map(ResultItem::Data),
                _ => None,
            })
            .collect();
        if results.is_empty() && !input.is_empty() && !self.allow_missing {
            return Err(EvalFailure::empty(format!("{name} is not found")));
        }
        Ok(results)
    }

    fn union(&mut self, input: &[ResultItem<'a>], parts: &'a [Vec<Node>]) -> Results<'a> {
        let mut results = Vec::new();
        for part in parts {
            results.extend(
                self.list(input.to_vec(), part)
                    .map_err(|failure| EvalFailure { with_results: !input.is_empty(), ..failure })?,
            );
        }
        Ok(results)
    }

    /// All values with children, parents first.
    fn recursive(&mut self, input: Vec<ResultItem<'a>>) -> Results<'a> {
        let mut results = Vec::new();
        for item in input {
            if let Scalar::Text(text) = item.scalar() {
                // The bytes of a string have no children.
                if !text.is_empty() {
                    results.push(item);
                }
                continue;
            }
            let inner = children(item);
            if !inner.is_empty() {
                self.spend(inner.len())?;
                results.push(item);
                results.extend(self.recursive(inner)?);
            }
        }
        Ok(results)
    }

    fn filter(
        &mut self,
        input: &[ResultItem<'a>],
        left: &'a [Node],
        comparison: Option<&'a (String, Vec<Node>)>,
    ) -> Results<'a> {
        let mut results = Vec::new();
        for item in input {
            let ResultItem::Data(Value::Array(list)) = item else {
                let cause = format!("{} is not array or slice and cannot be filtered", item.type_name());
                return Err(EvalFailure::with_input(cause, input));
            };
            for candidate in list.iter().map(ResultItem::Data) {
                if self.passes(candidate, left, comparison, input, &results)? {
                    results.push(candidate);
                }
            }
        }
        Ok(results)
    }

    fn passes(
        &mut self,
        candidate: ResultItem<'a>,
        left: &'a [Node],
        comparison: Option<&'a (String, Vec<Node>)>,
        input: &[ResultItem<'a>],
        results: &[ResultItem<'a>],
    ) -> Result<bool, EvalFailure> {
        let found = self.list(vec![candidate], left);
        let Some((operator, right)) = comparison else {
            return match found {
                Ok(found) => Ok(!found.is_empty()),
                Err(failure) if failure.fatal => Err(failure),
                Err(failure) => Ok(failure.with_results),
            };
        };
        let Some(left) = one(found, input)? else { return Ok(false) };
        let right = self.list(vec![candidate], right);
        let Some(right) = one(right, input)? else { return Ok(false) };
        compare(operator, left, right).map_err(|cause| EvalFailure::with_input(cause, results))
    }
}

/// The single result of an operand, if it has one.
fn one<'a>(found: Results<'a>, input: &[ResultItem<'a>]) -> Result<Option<ResultItem<'a>>, EvalFailure> {
    match found.map_err(|failure| EvalFailure { with_results: true, ..failure })?.as_slice() {
        [] => Ok(None),
        [item] => Ok(Some(*item)),
        _ => Err(EvalFailure::with_input("can only compare one element at a time", input)),
    }
}

fn slice<'a>(input: &[ResultItem<'a>], bounds: Slice) -> Results<'a> {
    let mut results = Vec::new();
    for item in input {
        if item.is_null() {
            continue;
        }
        let ResultItem::Data(Value::Array(list)) = item else {
            return Err(EvalFailure::with_input(
                format!("{} is not array or slice", item.type_name()),
                input,
            ));
        };
        let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let from_end = |index: i64| if index < 0 { index + length } else { index };
        let start = from_end(bounds.start.unwrap_or(0));
        let end = match bounds.end {
            End::Open => length,
            End::Before(end) => from_end(end),
            // `[-1]` is `[-1:0]`, where 0 means the end of the list.
            End::After(0) => length,
            End::After(end) => from_end(end),
        };
        if start == end {
            return Ok(results);
        }
        let out_of_bounds = |index: i64| format!("array index out of bounds: index {index}, length {length}");
        let cause = if !(0..length).contains(&start) {
            out_of_bounds(start)
        } else if !(0..=length).contains(&end) {
            out_of_bounds(end.wrapping_sub(1))
        } else if start > end {
            format!("starting index {start} is greater than ending index {end}")
        } else if bounds.step.is_some_and(|step| step <= 0) {
            "step must be > 0".to_owned()
        } else {
            String::new()
        };
        if !cause.is_empty() {
            return Err(EvalFailure::with_input(cause, input));
        }
        let index = |bound: i64| usize::try_from(bound).unwrap_or(0);
        let step = usize::try_from(bounds.step.unwrap_or(1)).unwrap_or(usize::MAX).max(1);
        results.extend(list[index(start)..index(end)].iter().step_by(step).map(ResultItem::Data));
    }
    Ok(results)
}
