//! `kcx source test`: what a source answers.

use crate::cli::error::{Cause, Error, name};
use crate::cli::globals::Output;
use crate::cli::{World, sync};
use crate::printer::quote;
use serde_json::{Value, json};

/// Ask a source for its clusters, and check its answers
#[derive(clap::Args, Debug)]
pub struct TestArgs {
    /// The name of the source
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Asks it for everything, and writes nothing.
///
/// # Errors
/// Exit code 1 if it or one of its clusters cannot be had, 3 for an unknown source.
pub(super) fn run(args: &TestArgs, world: &mut World<'_>) -> Result<(), Error> {
    let targets = sync::select(std::slice::from_ref(&args.name), world)?;
    let Some(target) = targets.first() else { return Ok(()) };
    let began = std::time::Instant::now();
    let tried = sync::try_source(target, world);
    let took = began.elapsed();
    if let Some(output @ (Output::Json | Output::Yaml)) = world.globals.output {
        let clusters: Vec<Value> = tried
            .clusters
            .iter()
            .map(|it| {
                json!({"id": it.id, "name": it.name, "labels": it.labels, "changed": it.changed, "contexts": it.contexts, "error": it.error})
            })
            .collect();
        let value = json!({"source": args.name, "error": tried.error, "clusters": clusters});
        world.print_value(output, &value)?;
    } else if let Some(Output::Name) = world.globals.output {
        world.print_names(tried.clusters.iter().map(|it| it.id.as_str()))?;
    } else {
        for it in tried.clusters.iter().filter(|it| it.error.is_none()) {
            let contexts: Vec<String> = it.contexts.iter().map(|context| name(context)).collect();
            let labels: String = it.labels.iter().map(|(key, value)| format!(" {key}={value}")).collect();
            let line =
                format!("{}: {}{}\n", quote::visible(&it.id), contexts.join(", "), quote::visible(&labels));
            world.print(&line)?;
        }
    }
    let called = name(&args.name);
    if let Some(error) = &tried.error {
        return Err(Error::new(Cause::Failed, format!("source {called}: {}", quote::visible(error))));
    }
    let mut is_good = true;
    for it in &tried.clusters {
        if let Some(error) = &it.error {
            is_good = false;
            world.fail(&Error::new(
                Cause::Failed,
                format!("cluster {}: {}", name(&it.id), quote::visible(error)),
            ));
        }
    }
    let count = tried.clusters.len();
    let clusters = if count == 1 { "1 cluster".to_owned() } else { format!("{count} clusters") };
    world.done(&format!("source {called} has {clusters}; it took {:.1} s", took.as_secs_f64()));
    if is_good { Ok(()) } else { Err(Error::silent(1)) }
}
