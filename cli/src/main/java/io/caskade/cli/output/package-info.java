/// What commands return ([io.caskade.cli.output.CommandResult]) and how it is printed: as text or as JSON
/// ([io.caskade.cli.output.Output]). Runs no commands.
@NullMarked
package io.caskade.cli.output;

import org.jspecify.annotations.NullMarked;
