package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ControllerEpoch;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.SessionState;
import io.caskade.server.controller.ControllerAction.Step;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out what [ControllerPlanner] decides, while this node is the elected controller.
///
/// Every write names the term it belongs to, and the coordinator refuses it once that term is over: a
/// controller that was paused and does not know that it was deposed changes nothing. One batch is under way at
/// a time; after it, and after every change of the image, the decision is made again. A batch that fails is not
/// repeated as such: whatever made it fail shows in the next image, in a new term or in the session's return,
/// and each of these decides again.
///
/// What depends on how long something has been so is decided at ticks: [ObservationTracker] keeps count on every
/// node, the elected one acts on it.
///
/// All methods but [#start()] are called by the coordinator's thread.
public final class Controller implements Coordinator.Observer, Coordinator.ControllerCandidate {

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

    // A transaction must fit in one packet, 1 MiB by default; a partition takes 2 KiB at most.
    private static final int WRITES_AT_ONCE = 128;

    private static final Duration TICK = Duration.ofMillis(500);

    private final Coordinator coordinator;
    private final String node;
    private final Policy policy;
    private final LongSupplier clock;
    private final ObservationTracker absences = new ObservationTracker();

    private @Nullable ControllerEpoch epoch;
    private @Nullable ClusterImage image;
    private boolean writing;
    private boolean imageChangedWhileWriting;
    private @Nullable Set<String> reportedWaiting;

    /// @param node this node's id
    /// @param clock a clock that never goes back, in milliseconds since some moment
    public Controller(Coordinator coordinator, String node, Policy policy, LongSupplier clock) {
        this.coordinator = coordinator;
        this.node = node;
        this.policy = policy;
        this.clock = clock;
    }

    /// Begins to watch the cluster and to run for controller; [Coordinator#leaveControllerElection()] ends it. Called once, by
    /// any thread.
    public void start() {
        coordinator.subscribe(this);
        coordinator.joinControllerElection(node, this);
        coordinator.schedule(TICK, this::tick);
    }

    private void tick() {
        reconcile();
        coordinator.schedule(TICK, this::tick);
    }

    @Override
    public void imageChanged(ClusterImage changed) {
        image = changed;
        absences.observe(changed, clock.getAsLong());
        reconcile();
    }

    @Override
    public void sessionChanged(SessionState state) {
        if (state == SessionState.CONNECTED) {
            reconcile();
        }
    }

    @Override
    public void elected(ControllerEpoch elected) {
        LOG.info("elected controller, epoch {}", elected.value());
        epoch = elected;
        reportedWaiting = null;
        reconcile();
    }

    @Override
    public void deposed(ControllerEpoch ended) {
        LOG.info("no longer controller, epoch {}", ended.value());
        epoch = null;
    }

    private void reconcile() {
        if (epoch == null || image == null) {
            return;
        }
        if (writing) {
            imageChangedWhileWriting = true;
            return;
        }
        List<ControllerAction> actions =
                ControllerPlanner.next(image, policy, absences.observations(policy, clock.getAsLong()));
        if (actions.isEmpty()) {
            reportWaiting(image);
            return;
        }
        List<ControllerAction> taken = actions.stream().limit(WRITES_AT_ONCE).toList();
        ControllerEpoch current = epoch;
        writing = true;
        imageChangedWhileWriting = false;
        CompletionStage<Void> _ = coordinator
                .write(current, taken.stream().map(Controller::write).toList())
                .thenAccept(result -> {
                    writing = false;
                    report(current, taken, result);
                    if (imageChangedWhileWriting) {
                        reconcile();
                    }
                })
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.error("the controller failed; it continues when the cluster changes", failure);
                    }
                });
    }

    private static ControllerWrite write(ControllerAction action) {
        return switch (action) {
            case ControllerAction.CreatePartition(var state) -> new ControllerWrite.CreatePartition(state);
            case ControllerAction.ChangePartition(var _, var next, int expectedVersion) ->
                new ControllerWrite.ChangePartition(next, expectedVersion);
        };
    }

    private void report(ControllerEpoch current, List<ControllerAction> taken, ControllerWriteResult result) {
        switch (result) {
            case ControllerWriteResult.Done() -> LOG.info("done in epoch {}: {}", current.value(), summary(taken));
            case ControllerWriteResult.Deposed() ->
                LOG.info("epoch {} is over; another controller takes over", current.value());
            case ControllerWriteResult.Conflict(String reason) ->
                LOG.info("the cluster changed meanwhile, deciding again: {}", reason);
            case ControllerWriteResult.Unknown(String reason) ->
                LOG.warn("the outcome is unknown, deciding again: {}", reason);
        }
    }

    private static String summary(List<ControllerAction> taken) {
        return taken.stream()
                .map(action -> switch (action) {
                    case ControllerAction.CreatePartition(var state) ->
                        "created partition " + state.id() + " on " + state.replicas();
                    case ControllerAction.ChangePartition(Step step, var next, int _) ->
                        "partition " + next.id() + " " + summary(step, next);
                })
                .collect(Collectors.joining(", "));
    }

    private static String summary(Step step, PartitionState next) {
        return switch (step) {
            case ELECT -> "is led by " + next.leader() + " now";
            case WITHDRAW_SUCCESSOR -> "is not to be led by another any more";
            case REPLACE -> "is to move from " + next.replicas() + " to " + next.target();
            case ADD_REPLICA, REMOVE_REPLICA -> "moves to " + next.target() + " and is on " + next.replicas();
            case FINISH_MOVE -> "has moved to " + next.replicas();
            case NAME_SUCCESSOR -> "is to be led by " + next.successor();
        };
    }

    private void reportWaiting(ClusterImage current) {
        boolean unformed = current.partitions().size() < current.settings().partitions();
        Set<String> registered = current.nodes().keySet();
        if (unformed && !registered.equals(reportedWaiting)) {
            reportedWaiting = registered;
            LOG.info(
                    "waiting for {} nodes to place partitions on; registered: {}",
                    policy.replication().replicationFactor(),
                    registered);
        }
    }
}
