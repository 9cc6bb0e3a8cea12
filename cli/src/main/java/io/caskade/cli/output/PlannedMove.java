package io.caskade.cli.output;

import io.caskade.client.MovePlan;

/// A partition to be moved, and what that takes.
///
/// @param bytes how many bytes are to be copied, about
/// @param inProgress whether it was stored before
public record PlannedMove(MovePlan.Move move, long bytes, boolean inProgress) {}
