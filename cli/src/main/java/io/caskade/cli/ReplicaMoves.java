package io.caskade.cli;

import io.caskade.cli.output.CommandResult;
import io.caskade.cli.output.MoveText;
import io.caskade.cli.output.PlannedMove;
import io.caskade.cli.output.ProgressOutput;
import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClusterStatus;
import io.caskade.client.ClusterView;
import io.caskade.client.ClusterView.Partition;
import io.caskade.client.MoveGoal;
import io.caskade.client.MovePlan;
import io.caskade.client.UnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Has a cluster move copies and leaders: shows the plan, stores it, and shows the progress until all is done,
/// nothing moves for a while, or the user presses Ctrl-C. The cluster goes on in each case.
final class ReplicaMoves {

    private static final Duration POLL_INTERVAL = Duration.ofMillis(250);

    /// How long to wait without progress.
    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(60);

    /// How often the progress is printed where it cannot be shown in place.
    private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);

    /// The rate is measured over the last so many polls.
    private static final int RATE_POLLS = 40;

    private final CaskadeClient client;
    private final ProgressOutput output;
    private final Semaphore never = new Semaphore(0);

    ReplicaMoves(CaskadeClient client, ProgressOutput output) {
        this.client = client;
        this.output = output;
    }

    /// What would move.
    CommandResult plan(MoveGoal goal) {
        return new CommandResult.Planned(planned(client.planMoves(goal), client.status()));
    }

    /// Moves it.
    CommandResult carryOut(MoveGoal goal) {
        List<PlannedMove> planned = planned(client.planMoves(goal), client.status());
        MoveText.plan(planned).forEach(output::printProgress);
        Meter meter = new Meter(planned);
        try {
            client.moveReplicas(goal);
        } catch (UnreachableException e) {
            if (Thread.interrupted()) {
                return new CommandResult.Unfinished(
                        "interrupted before the cluster has confirmed that it stored the plan; ask again");
            }
            throw e;
        }
        return await(goal, planned, meter);
    }

    private static List<PlannedMove> planned(MovePlan plan, ClusterStatus status) {
        List<PlannedMove> moves = new ArrayList<>();
        plan.moves().forEach(move -> moves.add(new PlannedMove(move, bytesToCopy(move, status), false)));
        plan.inProgress().forEach(move -> moves.add(new PlannedMove(move, bytesToCopy(move, status), true)));
        return moves;
    }

    private static long bytesToCopy(MovePlan.Move move, ClusterStatus status) {
        Optional<Partition> partition = status.view().partition(move.partition());
        return move.to().stream()
                .filter(node ->
                        partition.filter(state -> state.inSync().contains(node)).isEmpty())
                .mapToLong(_ -> leaderBytes(move.partition(), status))
                .sum();
    }

    private static long leaderBytes(int partition, ClusterStatus status) {
        return status.view()
                .partition(partition)
                .flatMap(Partition::leader)
                .flatMap(leader -> status.copy(leader.node(), partition))
                .map(ClusterStatus.Copy::takenBytes)
                .orElse(0L);
    }

    private CommandResult await(MoveGoal goal, List<PlannedMove> moves, Meter meter) {
        while (true) {
            try {
                ClusterStatus status = client.status();
                if (meter.update(status) && keepsNothing(goal, status)) {
                    return new CommandResult.Moved(
                            moves,
                            goal instanceof MoveGoal.RemoveNode(String node) ? Optional.of(node) : Optional.empty());
                }
            } catch (CaskadeException e) {
                // Nodes may come and go meanwhile; whether that lasts, the time-out says.
                meter.failed(e);
            }
            if (Thread.interrupted() || !pause() || meter.isStalled()) {
                return new CommandResult.Unfinished(meter.summary()
                        + "; the cluster goes on without the shell, and the same command shows how far it is");
            }
        }
    }

    /// Whether a node that is removed has deleted its copies, as far as it says.
    private static boolean keepsNothing(MoveGoal goal, ClusterStatus status) {
        return !(goal instanceof MoveGoal.RemoveNode(String node))
                || (status.view().partitions().stream()
                                .noneMatch(partition -> partition.replicas().contains(node))
                        && Optional.ofNullable(status.nodes().get(node))
                                .filter(said -> !said.copies().isEmpty())
                                .isEmpty());
    }

    /// @return false when the user pressed Ctrl-C
    private boolean pause() {
        try {
            return !never.tryAcquire(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    /// Measures how far the moves are, and shows it.
    private final class Meter {
        private final List<PlannedMove> moves;
        private final long bytes;
        private final Set<Integer> done = new HashSet<>();
        private final List<long[]> samples = new ArrayList<>();
        private long copied = -1;
        private long progressAt = System.nanoTime();
        private long printedAt = System.nanoTime();
        private String problem = "";

        Meter(List<PlannedMove> moves) {
            this.moves = moves;
            this.bytes = moves.stream().mapToLong(PlannedMove::bytes).sum();
        }

        /// @return whether all is done
        boolean update(ClusterStatus status) {
            problem = "";
            long now = System.nanoTime();
            int before = done.size();
            long copiedBefore = copied;
            copied = 0;
            for (PlannedMove move : moves) {
                if (isDone(move, status.view()) && done.add(move.move().partition())) {
                    output.printProgress("partition " + move.move().partition() + ": moved");
                }
                copied += done.contains(move.move().partition()) ? move.bytes() : copied(move, status);
            }
            if (done.size() > before || copied > copiedBefore) {
                progressAt = now;
            }
            samples.add(new long[] {now, copied});
            if (samples.size() > RATE_POLLS) {
                samples.removeFirst();
            }
            boolean all = done.size() == moves.size();
            if (!moves.isEmpty() && !all) {
                show(now);
            }
            return all;
        }

        void failed(CaskadeException failure) {
            problem = " (" + failure.getMessage() + ")";
        }

        private void show(long now) {
            boolean shown = output.showProgress(summary());
            if (!shown && now - printedAt >= LINE_INTERVAL.toNanos()) {
                printedAt = now;
                output.printProgress(summary());
            }
        }

        boolean isStalled() {
            return System.nanoTime() - progressAt >= STALL_TIMEOUT.toNanos();
        }

        String summary() {
            return MoveText.bar(Math.max(0, copied), bytes, done.size(), moves.size(), rate()) + problem;
        }

        private OptionalLong rate() {
            if (samples.size() < 2) {
                return OptionalLong.empty();
            }
            long nanos = samples.getLast()[0] - samples.getFirst()[0];
            long moved = samples.getLast()[1] - samples.getFirst()[1];
            return nanos <= 0
                    ? OptionalLong.empty()
                    : OptionalLong.of((long) (moved * (double) TimeUnit.SECONDS.toNanos(1) / nanos));
        }

        private static boolean isDone(PlannedMove move, ClusterView view) {
            return view.partition(move.move().partition())
                    .filter(state ->
                            state.target().isEmpty() && state.successor().isEmpty())
                    .isPresent();
        }

        /// How much of it the nodes that are to get a copy have.
        private static long copied(PlannedMove move, ClusterStatus status) {
            int partition = move.move().partition();
            long whole = move.move().added().isEmpty()
                    ? 0
                    : move.bytes() / move.move().added().size();
            return Math.min(
                    move.bytes(),
                    move.move().added().stream()
                            .mapToLong(node -> status.copy(node, partition)
                                    .map(copy -> Math.min(whole, copy.takenBytes()))
                                    .orElse(0L))
                            .sum());
        }
    }
}
