package io.caskade.server.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// Reads, writes and observes the state that all nodes share. One coordinator belongs to one running node.
///
/// **Delivery.** Every call to an [Observer] or a [ControllerCandidate], and every completion of a stage,
/// comes from one thread, one after the other: the coordinator's thread. None of them may block. Each method
/// only starts its operation; none blocks, and all are thread-safe. A stage that is complete already when a
/// dependent is added runs that dependent at once on the adding thread, as stages do.
///
/// **Images and results agree.** Once an image, a read or a compare-and-set has reported a partition's state,
/// no later image shows an older version.
///
/// *Failures.** Stages of this interface fail only with [CoordinationException].
public interface Coordinator {

    /// Forms the cluster as proposed unless it is already formed, atomically; the first of several nodes wins.
    /// Completes with the stored data, which differs from the proposal when another node was earlier. Keeps
    /// trying while the session is suspended.
    CompletionStage<BootstrapData> bootstrap(BootstrapData proposed);

    /// Reads the stored data; empty when no cluster is formed. Writes nothing. Keeps trying while the session
    /// is suspended.
    CompletionStage<Optional<BootstrapData>> lookUp();

    /// Registers this node, and again whenever the registration is lost, until [#unregister()]. Completes when
    /// other nodes can see it. A registration left by an earlier process of this node is replaced; one that
    /// another process keeps alive is not, and the stage fails with [NodeIdTakenException]. If that happens
    /// when registering again, observers are notified instead.
    CompletionStage<Void> register(NodeInfo self);

    /// Deletes the registration and stops renewing it. Completes when other nodes can see that, or when
    /// ZooKeeper cannot be reached and the registration expires with the session.
    CompletionStage<Void> unregister();

    /// Subscribes an observer; it first receives the session state and the latest image, once the cluster is
    /// formed.
    void subscribe(Observer observer);

    /// The partition's stored state at some time after this call: a synchronized read. Fails when ZooKeeper
    /// cannot be reached, or when there is no such partition.
    CompletionStage<Versioned<PartitionState>> read(int partition);

    /// Stores `next` if its partition is still stored under `expectedVersion`. Never retried: each call is one
    /// attempt. Never fails; see [CasResult] for what each outcome means.
    CompletionStage<CasResult> compareAndSet(int expectedVersion, PartitionState next);

    /// Marks a node as draining, or removes the mark; the node need not exist. The mark stays until it is
    /// removed. Completes when it is stored. Idempotent.
    CompletionStage<Void> setDraining(String node, boolean draining);

    /// Runs a task on the coordinator's thread after a delay.
    void schedule(Duration delay, Runnable task);

    /// Joins the controller election until [#leaveControllerElection()]. Called at most once.
    ///
    /// @param node this node's id, shown to others when it is elected
    void joinControllerElection(String node, ControllerCandidate candidate);

    /// Resigns as controller and leaves the election. The candidate is notified that its epoch is over before
    /// this completes; when ZooKeeper cannot be reached, the next controller is elected when this session
    /// expires.
    CompletionStage<Void> leaveControllerElection();

    /// Applies all writes, or none when `epoch` is over: a deposed controller writes nothing. Never retried,
    /// never fails.
    CompletionStage<ControllerWriteResult> write(ControllerEpoch epoch, List<ControllerWrite> writes);

    /// Receives notifications, on the coordinator's thread; must not block.
    interface Observer {

        /// The cluster changed. Changes in quick succession may be merged into one call.
        void imageChanged(ClusterImage image);

        /// The session changed.
        default void sessionChanged(SessionState state) {}

        /// This node's registration was lost and another process holds its id now: this process must stop.
        default void registrationRefused(NodeIdTakenException refusal) {}
    }

    /// A candidate for controller. Called on the coordinator's thread; must not block.
    interface ControllerCandidate {

        /// This node was elected controller in `epoch`. Whether it still is shows only when a
        /// [Coordinator#write] succeeds.
        void elected(ControllerEpoch epoch);

        /// This node is no longer controller, or cannot know whether it is.
        void deposed(ControllerEpoch epoch);
    }
}
