package io.caskade.server.proxy;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Which node is asked to answer one request, and what follows from how that ended. Pure: the time and the
/// cluster's image come with each call. For one thread at a time.
///
/// - A request that was passed on to this node is answered here or refused: at most one hop, whatever the nodes
///   believe of each other.
/// - What certainly was not done may be asked for again, at the leader there is then, until the time is over.
/// - A write whose outcome is unknown stays unknown: to repeat it could overwrite a later one.
public final class ForwardingPlan {

    /// The longest pause before the leader is looked for again; a new image ends each pause.
    private static final long MAX_PAUSE_MILLIS = 250;

    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final int MAX_DOUBLINGS = 10;

    /// How long one node may take to answer a read, if there is time to ask again.
    private static final long READ_MILLIS = 3_000;

    /// What a request does.
    public enum Kind {
        /// Reads what only the leader answers.
        LEADER_READ,
        /// Reads what any replica may answer.
        REPLICA_READ,
        /// Writes.
        WRITE
    }

    /// What to do next.
    public sealed interface Step {
        /// This node is asked.
        record Here() implements Step {}

        /// Another node is asked.
        ///
        /// @param timeoutMillis what is left of the time, or less
        record Ask(NodeInfo node, long timeoutMillis) implements Step {}

        /// No node can be asked now. Over when a new image comes, too.
        record Pause(long millis) implements Step {}

        /// The request is refused.
        record Refuse(Reason reason, String message) implements Step {}
    }

    private final NodeIncarnation self;
    private final Kind kind;
    private final int partition;
    private final boolean forwarded;
    private final long deadline;
    private final RandomGenerator random;

    private int failures;
    private boolean localCopyRefused;
    private Reason reason = Reason.NOT_SERVING;
    private String problem = "this node knows no leader of it";

    /// Begins a request.
    ///
    /// @param self this node
    /// @param forwarded whether another node passed it on
    /// @param deadline when its caller waits no longer, in milliseconds of the clock that all times are of
    /// @param random spreads the pauses of requests that failed together
    public ForwardingPlan(
            NodeIncarnation self, Kind kind, int partition, boolean forwarded, long deadline, RandomGenerator random) {
        this.self = self;
        this.kind = kind;
        this.partition = partition;
        this.forwarded = forwarded;
        this.deadline = deadline;
        this.random = random;
    }

    /// Whether this node answers what only a leader answers: it leads, as far as the image knows, or was asked
    /// by a node that takes it for the leader.
    ///
    /// @param image the newest; null when there is none yet
    static boolean isForThisNode(NodeIncarnation self, int partition, boolean forwarded, @Nullable ClusterImage image) {
        return forwarded
                || (image != null
                        && image.partition(partition)
                                .filter(state -> self.equals(state.value().leader()))
                                .isPresent());
    }

    /// Which node to ask now.
    ///
    /// @param image the newest; null when there is none yet
    public Step next(long now, @Nullable ClusterImage image) {
        if (isForThisNode(self, partition, forwarded, image)) {
            return deadline - now <= 0 && !forwarded ? outOfTime() : new Step.Here();
        }
        long left = deadline - now;
        if (left <= 0) {
            return outOfTime();
        }
        Optional<PartitionState> state = Optional.ofNullable(image)
                .flatMap(known -> known.partition(partition))
                .map(Versioned::value);
        if (image == null || state.isEmpty()) {
            return pause(left);
        }
        if (kind == Kind.REPLICA_READ) {
            return nextReplica(left, image, state.get());
        }
        return image.leaderOf(partition).map(leader -> ask(leader, left)).orElseGet(() -> pause(left));
    }

    /// The copy of this node, otherwise the leader, otherwise whatever replica there is.
    private Step nextReplica(long left, ClusterImage image, PartitionState state) {
        if (!localCopyRefused && state.isReplica(self.node())) {
            return new Step.Here();
        }
        List<NodeInfo> others = new ArrayList<>();
        image.leaderOf(partition).ifPresent(others::add);
        state.isr().stream()
                .map(CopyId::node)
                .sorted()
                .forEach(node -> image.node(node)
                        .filter(known -> !others.contains(known))
                        .ifPresent(others::add));
        others.removeIf(node -> node.id().equals(self.node()));
        return others.isEmpty() ? pause(left) : ask(others.get(failures % others.size()), left);
    }

    private Step ask(NodeInfo node, long left) {
        if (node.grpc() == null) {
            return new Step.Refuse(
                    Reason.NOT_LEADER,
                    "partition " + partition + ": " + node.id()
                            + " would answer, and its listeners.grpc is off, so that no node can ask it");
        }
        return new Step.Ask(node, kind == Kind.WRITE ? left : Math.min(left, READ_MILLIS));
    }

    private Step pause(long left) {
        long whole = Math.min(MAX_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, MAX_DOUBLINGS));
        return new Step.Pause(Math.min(left, whole / 2 + random.nextLong(whole / 2 + 1)));
    }

    private Step outOfTime() {
        return new Step.Refuse(
                reason, problem + "; no other node answered in time, and nothing was done; try again later");
    }

    /// This node, or the one that was asked, has refused the request.
    public Step onRefused(CommandRefusedException refusal, boolean here, long now, @Nullable ClusterImage image) {
        boolean elsewhere = kind == Kind.REPLICA_READ
                && here
                && !localCopyRefused
                && (refusal.reason().mayRetryElsewhere() || refusal.reason() == Reason.COPY_FENCED);
        if (forwarded || !(elsewhere || refusal.reason().mayRetryElsewhere())) {
            return new Step.Refuse(refusal.reason(), String.valueOf(refusal.getMessage()));
        }
        reason = refusal.reason().mayRetryElsewhere() ? refusal.reason() : Reason.NOT_SERVING;
        problem = String.valueOf(refusal.getMessage());
        if (elsewhere) {
            localCopyRefused = true;
            return next(now, image);
        }
        return again(now);
    }

    /// The node that was asked did not answer.
    public Step onUnanswered(UnansweredException failure, NodeInfo asked, long now) {
        String what = "partition " + partition + ": " + asked.id() + " " + failure.getMessage();
        if (kind == Kind.WRITE && failure.maybeReceived()) {
            return new Step.Refuse(Reason.OUTCOME_UNKNOWN, what + "; the write may have been applied, or may still be");
        }
        reason = Reason.NOT_SERVING;
        problem = what;
        return again(now);
    }

    private Step again(long now) {
        long left = deadline - now;
        Step step = left <= 0 ? outOfTime() : pause(left);
        failures++;
        return step;
    }

    /// Whether the node that was asked is not the one to ask any more: one that is paused or cut off breaks no
    /// connection.
    public boolean isOvertaken(NodeInfo asked, ClusterImage image) {
        return kind != Kind.REPLICA_READ
                && image.partition(partition)
                        .map(state -> state.value().leader())
                        .filter(leader -> !leader.equals(new NodeIncarnation(asked.id(), asked.incarnation())))
                        .isPresent();
    }
}
