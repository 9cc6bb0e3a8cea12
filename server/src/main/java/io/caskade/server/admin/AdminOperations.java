package io.caskade.server.admin;

import io.caskade.server.controller.NodeDrain;
import java.util.concurrent.CompletionStage;

/// What administrators ask of a node. Safe for use by any thread; nothing blocks.
public interface AdminOperations {

    /// How this node's copies are now. Fails with [java.util.concurrent.TimeoutException] when one of them does
    /// not say in time, as when its loop waits for a disk that hangs.
    CompletionStage<NodeStatus> describe();

    /// Has a node lead a partition: now, and whenever leaders are balanced. Completes when that is written
    /// down, with whether anything had to be; fails with a [io.caskade.server.command.CommandRefusedException]
    /// that says what is in the way.
    CompletionStage<Boolean> moveLeader(int partition, String node);

    /// Has a node lead nothing and keep no copies, or lets it again. Completes when that is written down, with
    /// how far the node has come; fails with a [io.caskade.server.command.CommandRefusedException] when there
    /// is no such node.
    CompletionStage<NodeDrain> drain(String node, boolean draining);
}
