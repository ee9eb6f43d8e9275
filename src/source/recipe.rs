//! The scripts that speak the protocol for well-known programs.

use super::Surroundings;
use super::program::Program;
use crate::settings::Options;

/// What the scripts have in common.
const FUNCTIONS: &str = include_str!("recipes/functions.sh");

/// The scripts, by the names of their recipes.
const SCRIPTS: [(&str, &str); 9] = [
    ("aws", include_str!("recipes/aws.sh")),
    ("azure", include_str!("recipes/azure.sh")),
    ("capi", include_str!("recipes/capi.sh")),
    ("cluster-profile", include_str!("recipes/cluster-profile.sh")),
    ("gcloud", include_str!("recipes/gcloud.sh")),
    ("k3d", include_str!("recipes/k3d.sh")),
    ("kind", include_str!("recipes/kind.sh")),
    ("rancher", include_str!("recipes/rancher.sh")),
    ("ssh", include_str!("recipes/ssh.sh")),
];

/// The script of a recipe, as it is run.
#[must_use]
pub fn script(name: &str) -> Option<String> {
    let (_, script) = SCRIPTS.iter().find(|(recipe, _)| *recipe == name)?;
    Some(format!("{FUNCTIONS}\n{script}"))
}

/// The program of a recipe: a POSIX shell with the script. Options are variables: `regions` is `OPTION_REGIONS`, with one
/// value a line.
pub(super) fn program(name: &str, options: &Options, source: &str, around: &Surroundings<'_>) -> Program {
    let words = ["sh", "-c", &script(name).unwrap_or_default(), name].map(str::to_owned);
    let mut program = Program::new(&words, source, around).called(name);
    for (option, values) in options {
        let variable = format!("OPTION_{}", option.to_uppercase().replace('-', "_"));
        program.set(&variable, values.join("\n"));
    }
    program
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::RECIPES;

    #[test]
    fn every_recipe_has_its_script() {
        assert_eq!(RECIPES.map(|recipe| recipe.name), SCRIPTS.map(|(name, _)| name));
        for recipe in RECIPES {
            let script = script(recipe.name).unwrap();
            for option in recipe.options {
                assert!(script.contains(&format!("option {option}")), "{}: {option}", recipe.name);
            }
        }
    }
}
