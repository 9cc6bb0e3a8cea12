/// `caskade import` and `caskade export`: copies strings with their expiry between a Redis and the cluster, and
/// compares what was copied. [io.caskade.cli.migration.Migration] is the same either way; the two ends are
/// [io.caskade.cli.migration.MigrationStore]s.
@NullMarked
package io.caskade.cli.migration;

import org.jspecify.annotations.NullMarked;
