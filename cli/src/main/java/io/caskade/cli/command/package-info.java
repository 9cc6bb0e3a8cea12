/// The shell's language: a line becomes words ([io.caskade.cli.command.Tokenizer]), and words become a
/// [io.caskade.cli.command.ShellCommand] ([io.caskade.cli.command.CommandSpec] and its parser). Pure; knows
/// neither how commands are run nor how results are printed.
@NullMarked
package io.caskade.cli.command;

import org.jspecify.annotations.NullMarked;
