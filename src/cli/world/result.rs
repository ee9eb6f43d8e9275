//! Notes what a command changes, if `-o` asks for it.

use super::World;
use crate::cli::error::Error;
use crate::cli::result::{ChangeResult, CredentialChange};
use crate::cli::unified;
use crate::credential::entry::Reference;
use crate::kubeconfig::Merged;
use crate::kubeconfig::change::Change;
use crate::store::journal::{Operation, Record};
use crate::store::{Preview, Report};
use serde_json::Value;

impl World<'_> {
    /// The result of this command will be printed.
    pub(in crate::cli) fn begin_result(&mut self, dry_run: bool) {
        self.result = Some(ChangeResult::new(dry_run));
        self.begin_warnings();
    }

    /// The warnings of this command will be printed as data, too.
    pub(in crate::cli) fn begin_warnings(&mut self) {
        self.warnings = Some(Vec::new());
    }

    /// Hands over the warnings.
    pub(in crate::cli) fn take_warnings(&mut self) -> Vec<String> {
        self.warnings.take().unwrap_or_default()
    }

    /// True if the result is printed as data: then text that says the same is not.
    pub(in crate::cli) fn has_result(&self) -> bool {
        self.result.is_some()
    }

    /// Hands over the result.
    pub(in crate::cli) fn take_result(&mut self) -> Option<ChangeResult> {
        self.result.take()
    }

    /// Notes what was written.
    pub(super) fn note_report(&mut self, report: &Report) {
        if let Some(result) = &mut self.result {
            result.operations.extend_from_slice(&report.operations);
            result.change = report.change.or(result.change);
        }
    }

    /// Notes a warning.
    pub(super) fn note_warning(&mut self, text: &str) {
        if let Some(warnings) = &mut self.warnings {
            warnings.push(text.to_owned());
        }
    }

    /// Notes what was done outside of the user's kubeconfigs, or would be.
    pub(in crate::cli) fn note_operations(&mut self, operations: Vec<Operation>) {
        if let Some(result) = &mut self.result {
            result.operations.extend(operations);
        }
    }

    /// Notes the changes that were undone.
    pub(in crate::cli) fn note_undone(&mut self, records: &[Record]) {
        for record in records {
            self.note_in("undoes", || record.id.into());
        }
    }

    /// Notes a change of a keychain.
    pub(in crate::cli) fn note_credential(
        &mut self,
        change: CredentialChange,
        user: Option<&str>,
        reference: &Reference,
    ) {
        self.note_in("credentials", || change.value(user, reference));
    }

    /// Adds a value to a list of the result.
    pub(in crate::cli) fn note_in(&mut self, list: &str, value: impl FnOnce() -> Value) {
        if let Some(result) = &mut self.result {
            result.add(list, value());
        }
    }

    /// Shows what would be written: as the result, or as a diff.
    ///
    /// # Errors
    /// stdout is closed.
    pub(in crate::cli) fn print_preview(&mut self, previews: &[Preview]) -> Result<(), Error> {
        if self.has_result() {
            self.note_operations(previews.iter().flat_map(|preview| preview.operations.clone()).collect());
            return Ok(());
        }
        Ok(self.print_lines(&unified::print(previews))?)
    }

    /// Notes what these changes of the user's own kubeconfigs would be, for a command that prints no diff.
    ///
    /// # Errors
    /// The edit would be refused.
    pub(in crate::cli) fn note_plan(&mut self, merged: Merged, changes: &[Change]) -> Result<(), Error> {
        let store = self.own_store();
        let several = store.precedence().paths.len() > 1;
        let timeout = self.lock_options().timeout;
        let previews = store.preview_of(merged, changes.to_vec());
        self.print_preview(&previews.map_err(|error| Error::not_committed(error.into(), several, timeout))?)
    }
}
