package io.caskade.server.admin;

import io.caskade.server.controller.MoveGoal;
import io.caskade.server.controller.MovePlan;
import io.caskade.server.controller.NodeDrain;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// Refuses all that administrators may ask, where a test is about something else.
public class UnusedAdmin implements AdminOperations {

    @Override
    public CompletionStage<NodeStatus> describe() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Boolean> moveLeader(int partition, String node) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<NodeDrain> drain(String node, boolean draining) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MovePlan plan(MoveGoal goal) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<MovePlan> move(MoveGoal goal) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<List<SharedSetting>> settings() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<List<SharedSetting>> changeSetting(String name, String value) {
        throw new UnsupportedOperationException();
    }
}
