/// Settings: one YAML file and the environment in, a tree of immutable records out, or one exception that
/// says where each mistake is.
///
/// A setting is declared in one place, the component of a record that holds it: [io.caskade.settings.Setting]
/// carries its default, its range and its line of documentation. From there come the defaults, the checks,
/// the environment variable that overrides it, the commented file in `conf/`
/// ([io.caskade.settings.SettingsTemplate]) and the page in `docs/` ([io.caskade.settings.SettingsPage]).
///
/// Jackson's YAML parser reads the file, and its token locations say where things are. Its data binding is
/// not used: it stops at the first mistake, and all mistakes should be reported at once.
///
/// Beside the settings stands what their addresses need: [io.caskade.settings.HostPort], and lookups that do
/// not wait for a name service without need ([io.caskade.settings.LocalNameLookups]).
///
/// Everything here is immutable or confined to one call, and is thread-safe. Only `LocalNameLookups` starts
/// threads.
@NullMarked
package io.caskade.settings;

import org.jspecify.annotations.NullMarked;
