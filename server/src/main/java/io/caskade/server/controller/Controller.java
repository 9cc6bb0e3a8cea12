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

/// Executes the actions of [ControllerPlanner] while this node is the elected controller.
///
/// Every write carries its controller epoch, and the coordinator refuses it once that epoch is over: a deposed
/// controller that was paused changes nothing. One batch is in flight at a time; after it, and after every
/// change of the image, the controller plans again. A failed batch is not retried: the next image, epoch or
/// session triggers a new plan.
///
/// Decisions that depend on durations are made at ticks: [ObservationTracker] observes on every node, the
/// elected one acts on it.
///
/// All methods except [#start()] run on the coordinator's thread.
public final class Controller implements Coordinator.Observer, Coordinator.ControllerCandidate {

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

    /// So many writes share a transaction at most: it must fit into one packet, 1 MiB by default, and a
    /// partition takes 2 KiB at most.
    public static final int WRITES_AT_ONCE = 128;

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

    /// Why ZooKeeper permits no write, as it was logged.
    private @Nullable String reportedRefusal;

    /// @param node this node's id
    /// @param clock a monotonic clock in milliseconds
    public Controller(Coordinator coordinator, String node, Policy policy, LongSupplier clock) {
        this.coordinator = coordinator;
        this.node = node;
        this.policy = policy;
        this.clock = clock;
    }

    /// Starts to watch the cluster and joins the controller election; [Coordinator#leaveControllerElection()]
    /// ends it. Called once, by any thread.
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
        Policy current = policy.with(image.shared());
        List<ControllerAction> actions =
                ControllerPlanner.next(image, current, absences.observations(current, clock.getAsLong()));
        if (actions.isEmpty()) {
            reportWaiting(image);
            return;
        }
        List<ControllerAction> taken = actions.stream().limit(WRITES_AT_ONCE).toList();
        ControllerEpoch writer = epoch;
        writing = true;
        imageChangedWhileWriting = false;
        CompletionStage<Void> _ = coordinator
                .write(writer, taken.stream().map(Controller::write).toList())
                .thenAccept(result -> {
                    writing = false;
                    report(writer, taken, result);
                    if (imageChangedWhileWriting) {
                        reconcile();
                    }
                })
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.error("controller action failed; retrying on the next cluster change", failure);
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
            case ControllerWriteResult.Done() -> {
                reportedRefusal = null;
                LOG.info("controller epoch {}: {}", current.value(), summary(taken));
            }
            case ControllerWriteResult.Refused(String reason) -> {
                if (!reason.equals(reportedRefusal)) {
                    reportedRefusal = reason;
                    LOG.warn("{}; trying again, and said once", reason);
                }
            }
            case ControllerWriteResult.Deposed() ->
                LOG.info("controller epoch {} is over: another controller was elected", current.value());
            case ControllerWriteResult.Conflict(String reason) ->
                LOG.info("the cluster changed concurrently, planning again: {}", reason);
            case ControllerWriteResult.Unknown(String reason) ->
                LOG.warn("the outcome is unknown, planning again: {}", reason);
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
            case ELECT -> "elected leader " + next.leader();
            case WITHDRAW_SUCCESSOR -> "successor withdrawn";
            case REPLACE -> "reassigning from " + next.replicas() + " to " + next.target();
            case ADD_REPLICA, REMOVE_REPLICA -> "reassigning to " + next.target() + ", now on " + next.replicas();
            case FINISH_MOVE -> "reassigned to " + next.replicas();
            case NAME_SUCCESSOR -> "successor " + next.successor();
        };
    }

    private void reportWaiting(ClusterImage current) {
        boolean unformed = current.partitions().size() < current.settings().partitions();
        Set<String> registered = current.nodes().keySet();
        if (unformed && !registered.equals(reportedWaiting)) {
            reportedWaiting = registered;
            LOG.info(
                    "waiting for {} nodes before creating partitions; registered: {}",
                    policy.with(current.shared()).replication().replicationFactor(),
                    registered);
        }
    }
}
