package io.caskade.server.admin;

import io.caskade.server.controller.MoveGoal;
import io.caskade.server.controller.MovePlan;
import io.caskade.server.controller.NodeDrain;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// The administrators' operations on a node. Thread-safe; nothing blocks.
public interface AdminOperations {

    /// The status of this node's copies. Fails with [java.util.concurrent.TimeoutException] when one does not
    /// answer in time, for instance because its loop waits for a hanging disk.
    CompletionStage<NodeStatus> describe();

    /// Makes a node the leader of a partition, now and whenever leaders are balanced. Completes when the
    /// request is stored, with whether anything changed; fails with a
    /// [io.caskade.server.command.CommandRefusedException] that says why.
    CompletionStage<Boolean> moveLeader(int partition, String node);

    /// Drains a node of leaders and copies, or undoes that. Completes when the request is stored, with the
    /// progress; fails with a [io.caskade.server.command.CommandRefusedException] when there is no such node.
    CompletionStage<NodeDrain> drain(String node, boolean draining);

    /// What must move for a goal. Changes nothing.
    ///
    /// @throws io.caskade.server.command.CommandRefusedException when the goal cannot be reached
    MovePlan plan(MoveGoal goal);

    /// Stores what must move for a goal; the controller carries it out, a few copies at a time. Completes
    /// with the plan once all of it is stored; [NodeStatus] and the partitions' states show the progress.
    /// Idempotent: asked again, it stores what is not stored yet. Fails with a
    /// [io.caskade.server.command.CommandRefusedException] when not all could be stored.
    ///
    /// @throws io.caskade.server.command.CommandRefusedException when the goal cannot be reached
    CompletionStage<MovePlan> move(MoveGoal goal);

    /// The settings that all nodes share.
    CompletionStage<List<SharedSetting>> settings();

    /// Changes a setting that all nodes share; they follow it at once. Completes with all of them; fails with a
    /// [io.caskade.server.command.CommandRefusedException] when the setting is fixed or the value wrong.
    CompletionStage<List<SharedSetting>> changeSetting(String name, String value);
}
