package io.caskade.cli;

import io.caskade.cli.output.CommandResult;
import io.caskade.cli.output.PartitionList;
import io.caskade.client.CaskadeClient;
import io.caskade.client.ClusterView.Leader;
import io.caskade.client.ClusterView.Partition;
import io.caskade.client.DrainProgress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Moves leaders and drains nodes, and waits until that completes or makes no progress for a while.
final class ClusterMoves {

    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);
    /// How long to wait without progress.
    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

    private final CaskadeClient client;
    private final Consumer<String> progress;
    private final Semaphore never = new Semaphore(0);

    /// @param progress receives a human-readable line whenever something moves
    ClusterMoves(CaskadeClient client, Consumer<String> progress) {
        this.client = client;
        this.progress = progress;
    }

    CommandResult moveLeader(int partition, String node) {
        client.moveLeader(partition, node);
        long deadlineNanos = System.nanoTime() + STALL_TIMEOUT.toNanos();
        boolean reported = false;
        while (true) {
            Optional<Partition> now = client.cluster().partition(partition);
            if (now.filter(state -> state.isLedBy(node)).isPresent()) {
                return new CommandResult.LeaderMoved(partition, node);
            }
            String leader = now.flatMap(Partition::leader).map(Leader::node).orElse("no node");
            if (!reported) {
                progress.accept("partition " + partition + ": led by " + leader + ", waiting for " + node);
                reported = true;
            }
            if (pauseOrStop(deadlineNanos)) {
                return new CommandResult.Unfinished("partition " + partition + " is still led by " + leader
                        + "; it moves to " + node + " as soon as possible");
            }
        }
    }

    CommandResult drain(String node) {
        DrainProgress last = client.drain(node);
        report(node, last);
        long deadlineNanos = System.nanoTime() + STALL_TIMEOUT.toNanos();
        while (!last.isComplete()) {
            if (pauseOrStop(deadlineNanos)) {
                return new CommandResult.Unfinished(node + " " + describe(last) + "; draining continues");
            }
            DrainProgress now = client.drain(node);
            if (!now.equals(last)) {
                report(node, now);
                deadlineNanos = System.nanoTime() + STALL_TIMEOUT.toNanos();
            }
            last = now;
        }
        return new CommandResult.Drained(node, last, false);
    }

    CommandResult undrain(String node) {
        return new CommandResult.Drained(node, client.undrain(node), true);
    }

    private void report(String node, DrainProgress drain) {
        progress.accept(node + " " + describe(drain));
    }

    private static String describe(DrainProgress drain) {
        return "leads " + PartitionList.of(drain.leading()) + ", keeps " + PartitionList.of(drain.remaining());
    }

    /// Waits for the next poll.
    ///
    /// @return true to stop: after the timeout, or when the user pressed Ctrl-C
    private boolean pauseOrStop(long deadlineNanos) {
        try {
            return never.tryAcquire(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
                    || System.nanoTime() >= deadlineNanos;
        } catch (InterruptedException e) {
            return true;
        }
    }
}
