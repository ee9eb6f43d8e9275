//! Aliases of contexts, and groups of contexts.

use super::Settings;

impl Settings {
    /// The context that an alias leads to, whether it exists or not.
    ///
    /// ```
    /// use kcx::settings::Settings;
    /// let settings = Settings::parse(b"aliases: {shop: prod-shop, web: prod-shop}\n".to_vec())?;
    /// assert_eq!(settings.alias("shop"), Some("prod-shop"));
    /// assert_eq!(settings.aliases_of("prod-shop").collect::<Vec<_>>(), ["shop", "web"]);
    /// # Ok::<(), kcx::settings::SettingsError>(())
    /// ```
    #[must_use]
    pub fn alias(&self, name: &str) -> Option<&str> {
        self.aliases.get(name).map(String::as_str)
    }

    /// The aliases of a context, sorted.
    pub fn aliases_of(&self, context: &str) -> impl Iterator<Item = &str> {
        self.aliases.iter().filter(move |(_, to)| *to == context).map(|(alias, _)| alias.as_str())
    }

    /// The words of the group that is typed `@NAME`.
    ///
    /// ```
    /// use kcx::settings::Settings;
    /// let settings = Settings::parse(b"groups: {eu: ['*-eu', '!prod-*']}\n".to_vec())?;
    /// assert_eq!(settings.group("@eu"), Some(["*-eu", "!prod-*"].map(String::from).as_slice()));
    /// assert_eq!(settings.group("eu"), None);
    /// # Ok::<(), kcx::settings::SettingsError>(())
    /// ```
    #[must_use]
    pub fn group(&self, word: &str) -> Option<&[String]> {
        self.groups.get(word.strip_prefix('@')?).map(Vec::as_slice)
    }
}

/// True for a name that an alias or a group can have: every command has to tell it from a pattern, an exclusion, a group and
/// a flag.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(['@', '!', '-']) && !text.contains(['*', '?', '['])
}
