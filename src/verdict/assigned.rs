//! Which variables of a line have a value that is known: those that it sets once, and under no condition.

use brush_parser::ast::{
    self, AndOr, AssignmentName, Command, CommandPrefixOrSuffixItem as Item, CompoundCommand, CompoundList,
    Pipeline, Program, SimpleCommand,
};
use std::collections::BTreeMap;

/// The variables that are set more than once, or under a condition.
pub(super) fn unsure(program: &Program) -> impl Iterator<Item = String> {
    let mut counts = BTreeMap::new();
    program.complete_commands.iter().for_each(|list| count_list(list, false, &mut counts));
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name)
}

/// Counts how often each variable is set; twice if under a condition.
fn count_list(list: &CompoundList, under: bool, counts: &mut BTreeMap<String, usize>) {
    for ast::CompoundListItem(and_or, _) in &list.0 {
        count_pipeline(&and_or.first, under, counts);
        for next in &and_or.additional {
            match next {
                AndOr::And(pipeline) => count_pipeline(pipeline, under, counts),
                AndOr::Or(pipeline) => count_pipeline(pipeline, true, counts),
            }
        }
    }
}

fn count_pipeline(pipeline: &Pipeline, under: bool, counts: &mut BTreeMap<String, usize>) {
    let under = under || pipeline.seq.len() > 1;
    for command in &pipeline.seq {
        match command {
            Command::Simple(command) => count_simple(command, under, counts),
            Command::Compound(command, _) => count_compound(command, under, counts),
            Command::Function(function) => count_compound(&function.body.0, true, counts),
            Command::ExtendedTest(_) => {}
        }
    }
}

fn count_compound(command: &CompoundCommand, under: bool, counts: &mut BTreeMap<String, usize>) {
    match command {
        CompoundCommand::Arithmetic(_) => {}
        CompoundCommand::ArithmeticForClause(clause) => count_list(&clause.body.0, true, counts),
        CompoundCommand::BraceGroup(group) => count_list(&group.0, under, counts),
        CompoundCommand::Subshell(shell) => count_list(&shell.0, true, counts),
        CompoundCommand::ForClause(clause) => {
            *counts.entry(clause.variable_name.clone()).or_default() += 2;
            count_list(&clause.body.0, true, counts);
        }
        CompoundCommand::CaseClause(clause) => {
            clause
                .cases
                .iter()
                .filter_map(|case| case.cmd.as_ref())
                .for_each(|list| count_list(list, true, counts));
        }
        CompoundCommand::IfClause(clause) => {
            count_list(&clause.condition, true, counts);
            count_list(&clause.then, true, counts);
            clause.elses.iter().flatten().for_each(|other| count_list(&other.body, true, counts));
        }
        CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
            count_list(&clause.0, true, counts);
            count_list(&clause.1.0, true, counts);
        }
    }
}

fn count_simple(command: &SimpleCommand, under: bool, counts: &mut BTreeMap<String, usize>) {
    let weight = if under { 2 } else { 1 };
    let program = command.word_or_name.as_ref().map_or("", |word| word.value.as_str());
    if program.is_empty() {
        for item in command.prefix.iter().flat_map(|prefix| &prefix.0) {
            if let Item::AssignmentWord(assignment, _) = item {
                let (AssignmentName::VariableName(name) | AssignmentName::ArrayElementName(name, _)) =
                    &assignment.name;
                *counts.entry(name.clone()).or_default() += weight;
            }
        }
    }
    // Builtins that set the variables that they name.
    let weight = match program {
        "export" | "declare" | "typeset" | "local" | "readonly" => weight,
        "read" | "mapfile" | "readarray" | "getopts" | "unset" | "let" | "printf" => 2,
        _ => return,
    };
    for item in command.suffix.iter().flat_map(|suffix| &suffix.0) {
        match item {
            Item::AssignmentWord(assignment, _) => {
                let (AssignmentName::VariableName(name) | AssignmentName::ArrayElementName(name, _)) =
                    &assignment.name;
                *counts.entry(name.clone()).or_default() += weight;
            }
            Item::Word(word) if weight == 2 => *counts.entry(word.value.clone()).or_default() += 2,
            _ => {}
        }
    }
}
