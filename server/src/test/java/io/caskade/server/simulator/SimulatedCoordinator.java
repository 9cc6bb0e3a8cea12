package io.caskade.server.simulator;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ControllerEpoch;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIdTakenException;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.SessionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.simulator.CoordinationServers.Registration;
import io.caskade.server.simulator.CoordinationServers.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A process's coordinator, on simulated servers. Questions and answers take their time, overtake each other,
/// and are lost with the link: a question whose answer is lost was carried out, or was not, or will be.
/// Notifications come late, out of order or never. A session ends on the servers, and its owner learns of it
/// when it next gets through.
///
/// Methods may be called by any thread; everything is done, and every observer notified, on the timeline.
final class SimulatedCoordinator implements Coordinator {

    private static final long RETRY_MILLIS = 100;

    /// What outlives a process on its machine: the session its directory names.
    static final class Machine {
        private volatile long session;
    }

    private final Timeline timeline;

    /// Where questions travel and are answered, whatever becomes of the caller.
    private final Timeline world;

    private final CoordinationServers servers;
    private final CoordinatorLink link;
    private final Machine machine;
    private final long sessionTimeout;
    private final List<Observer> observers = new ArrayList<>();
    private final Consumer<View> watcher = this::notified;

    private long session;
    private long heardAt;
    private SessionState sessionState = SessionState.SUSPENDED;
    private boolean closed;

    private @Nullable View newest;
    private final SortedMap<Integer, Versioned<PartitionState>> reported = new TreeMap<>();

    private @Nullable NodeInfo self;
    private @Nullable CompletableFuture<Void> registered;
    private boolean registering;

    private @Nullable ControllerCandidate candidate;
    private String candidateNode = "";
    private @Nullable ControllerEpoch term;
    private boolean beginningTerm;

    private SimulatedCoordinator(
            Timeline timeline,
            Timeline world,
            CoordinationServers servers,
            CoordinatorLink link,
            Machine machine,
            long sessionTimeoutMillis) {
        this.timeline = timeline;
        this.world = world;
        this.servers = servers;
        this.link = link;
        this.machine = machine;
        this.sessionTimeout = sessionTimeoutMillis;
    }

    /// Begins to reach for the servers, as a process that lives on `timeline` in a `world`. The last session of
    /// the machine, if it lives, is ended.
    static SimulatedCoordinator connect(
            Timeline timeline,
            Timeline world,
            CoordinationServers servers,
            CoordinatorLink link,
            Machine machine,
            long sessionTimeoutMillis) {
        SimulatedCoordinator coordinator =
                new SimulatedCoordinator(timeline, world, servers, link, machine, sessionTimeoutMillis);
        timeline.after(0, () -> {
            servers.watch(coordinator.watcher);
            coordinator.beat();
        });
        return coordinator;
    }

    /// Ends the process without a farewell.
    void crash() {
        world.after(0, this::fallSilent);
    }

    /// Ends the session and the process.
    void close() {
        world.after(0, () -> {
            if (!closed && link.carriesQuestions()) {
                servers.endSession(session);
            }
            fallSilent();
        });
    }

    private void fallSilent() {
        closed = true;
        servers.unwatch(watcher);
    }

    /// Ends the session on the servers, behind the owner's back.
    void expireSession() {
        timeline.after(0, () -> servers.endSession(session));
    }

    /// The session as its owner sees it.
    SessionState sessionState() {
        return sessionState;
    }

    // ---- Asking.

    /// Asks once. Of an answer and its loss the caller hears exactly one, unless the process ends before.
    private <T> void ask(Supplier<T> question, Consumer<T> answered, Runnable lost) {
        AtomicBoolean over = new AtomicBoolean();
        world.after(link.delay(), () -> {
            if (link.carriesQuestions()) {
                T answer = question.get();
                world.after(link.delay(), () -> {
                    if (link.carriesAnswers()) {
                        timeline.after(0, () -> {
                            if (!closed && over.compareAndSet(false, true)) {
                                answered.accept(answer);
                            }
                        });
                    }
                });
            }
        });
        timeline.after(answerTimeout(), () -> {
            if (!closed && over.compareAndSet(false, true)) {
                lost.run();
            }
        });
    }

    private <T> void askUntilAnswered(Supplier<T> question, Consumer<T> answered) {
        ask(question, answered, () -> timeline.after(RETRY_MILLIS, () -> askUntilAnswered(question, answered)));
    }

    private long answerTimeout() {
        return Math.max(1, sessionTimeout / 4);
    }

    /// Before the first session nothing can be asked for in one.
    private void inSession(Runnable asking) {
        timeline.after(0, () -> {
            if (session == 0 && !closed) {
                timeline.after(RETRY_MILLIS, () -> inSession(asking));
            } else {
                asking.run();
            }
        });
    }

    /// What a session asks for is carried out only while it lives.
    private <T> Supplier<@Nullable T> within(long asking, Supplier<T> question) {
        return () -> servers.isAlive(asking) ? question.get() : null;
    }

    // ---- The session.

    private void beat() {
        if (closed) {
            return;
        }
        long beating = session;
        ask(() -> servers.touch(beating), alive -> beaten(beating, alive), () -> {});
        if (timeline.now() - heardAt > sessionTimeout / 2) {
            setSessionState(SessionState.SUSPENDED);
        }
        timeline.after(Math.max(1, sessionTimeout / 8), this::beat);
    }

    private void beaten(long beating, boolean alive) {
        if (beating != session) {
            return;
        }
        if (alive) {
            connected();
        } else {
            if (session != 0) {
                setSessionState(SessionState.LOST);
            }
            ask(this::replaceSession, this::begin, () -> {});
        }
    }

    private long replaceSession() {
        if (closed) {
            return 0;
        }
        servers.endSession(machine.session);
        machine.session = servers.beginSession(sessionTimeout);
        return machine.session;
    }

    private void begin(long begun) {
        if (begun == machine.session) {
            session = begun;
            connected();
        }
    }

    private void connected() {
        heardAt = timeline.now();
        if (sessionState == SessionState.CONNECTED) {
            refresh();
            return;
        }
        setSessionState(SessionState.CONNECTED);
        refresh();
        NodeInfo node = self;
        if (node != null) {
            registerAgain(node);
        }
        campaignAgain();
    }

    private void setSessionState(SessionState next) {
        if (sessionState == next) {
            return;
        }
        sessionState = next;
        if (next != SessionState.CONNECTED) {
            endTerm();
        }
        observers.forEach(observer -> observer.sessionChanged(next));
    }

    // ---- The image.

    /// A notification is sent as the change happens, and may be overtaken by a later one, or lost.
    private void notified(View view) {
        world.after(link.delay(), () -> {
            if (link.carriesAnswers()) {
                timeline.after(0, () -> {
                    if (!closed && sessionState == SessionState.CONNECTED) {
                        seen(view);
                    }
                });
            }
        });
    }

    private void refresh() {
        ask(servers::view, this::seen, () -> {});
    }

    private void seen(View view) {
        if (newest != null && view.changes() <= newest.changes()) {
            return;
        }
        newest = view;
        view.partitions().values().forEach(this::report);
        ClusterImage image = image();
        if (image != null) {
            observers.forEach(observer -> observer.imageChanged(image));
        }
        NodeInfo node = self;
        if (node != null && !node.equals(view.nodes().get(node.id()))) {
            registerAgain(node);
        }
        beginTermIfFirst();
    }

    /// What was reported once is never reported older.
    private Versioned<PartitionState> report(Versioned<PartitionState> state) {
        return reported.merge(
                state.value().id(), state, (known, other) -> other.version() > known.version() ? other : known);
    }

    private @Nullable ClusterImage image() {
        View view = newest;
        if (view == null || view.bootstrapData() == null) {
            return null;
        }
        SortedMap<Integer, Versioned<PartitionState>> partitions = new TreeMap<>(view.partitions());
        partitions.replaceAll((id, state) -> reported.getOrDefault(id, state));
        return new ClusterImage(
                view.bootstrapData().settings(), view.nodes(), partitions, view.draining(), view.controller());
    }

    @Override
    public void subscribe(Observer observer) {
        timeline.after(0, () -> {
            observers.add(observer);
            observer.sessionChanged(sessionState);
            ClusterImage image = image();
            if (image != null) {
                observer.imageChanged(image);
            }
        });
    }

    // ---- Forming and registering.

    @Override
    public CompletionStage<BootstrapData> bootstrap(BootstrapData proposed) {
        CompletableFuture<BootstrapData> bootstrapped = new CompletableFuture<>();
        timeline.after(0, () -> askUntilAnswered(() -> servers.found(proposed), bootstrapped::complete));
        return bootstrapped.minimalCompletionStage();
    }

    @Override
    public CompletionStage<Optional<BootstrapData>> lookUp() {
        CompletableFuture<Optional<BootstrapData>> found = new CompletableFuture<>();
        timeline.after(0, () -> askUntilAnswered(servers::lookUp, found::complete));
        return found.minimalCompletionStage();
    }

    @Override
    public CompletionStage<Void> register(NodeInfo node) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        timeline.after(0, () -> {
            self = node;
            registered = done;
            registerAgain(node);
        });
        return done.minimalCompletionStage();
    }

    private void registerAgain(NodeInfo node) {
        if (registering || sessionState != SessionState.CONNECTED || !node.equals(self)) {
            return;
        }
        registering = true;
        tryToRegister(node, 0, timeline.now());
    }

    /// @param holder the session that had the id when it was first refused, and when that was: one that
    ///     outlives its time-out is kept alive by another process
    private void tryToRegister(NodeInfo node, long holder, long since) {
        if (sessionState != SessionState.CONNECTED || !node.equals(self)) {
            registering = false;
            return;
        }
        long asking = session;
        ask(
                () -> !servers.isAlive(asking) ? new Registration(node, asking) : servers.register(node, asking),
                refusal -> {
                    if (refusal == null) {
                        registering = false;
                        if (registered != null) {
                            registered.complete(null);
                        }
                    } else if (refusal.session() == asking) {
                        // The session is over, which this process does not know yet.
                        again(node, 0, timeline.now());
                    } else if (refusal.session() != holder) {
                        again(node, refusal.session(), timeline.now());
                    } else if (timeline.now() - since > 2 * sessionTimeout) {
                        registering = false;
                        refuse(node, refusal.node());
                    } else {
                        again(node, holder, since);
                    }
                },
                () -> again(node, holder, since));
    }

    private void again(NodeInfo node, long holder, long since) {
        timeline.after(RETRY_MILLIS, () -> tryToRegister(node, holder, since));
    }

    private void refuse(NodeInfo node, NodeInfo other) {
        self = null;
        NodeIdTakenException taken = new NodeIdTakenException(
                "node.id " + node.id() + " is taken by another process, incarnation " + other.incarnation());
        if (registered != null && !registered.isDone()) {
            registered.completeExceptionally(taken);
        } else {
            observers.forEach(observer -> observer.registrationRefused(taken));
        }
    }

    @Override
    public CompletionStage<Void> unregister() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        timeline.after(0, () -> {
            NodeInfo node = self;
            self = null;
            if (node == null) {
                done.complete(null);
                return;
            }
            long asking = session;
            Runnable unregister = () -> servers.unregister(node.id(), asking);
            ask(() -> asTrue(unregister), _ -> done.complete(null), () -> done.complete(null));
        });
        return done.minimalCompletionStage();
    }

    private static boolean asTrue(Runnable action) {
        action.run();
        return true;
    }

    // ---- The partitions' states.

    @Override
    public CompletionStage<Versioned<PartitionState>> read(int partition) {
        CompletableFuture<Versioned<PartitionState>> read = new CompletableFuture<>();
        timeline.after(
                0,
                () -> ask(
                        () -> servers.read(partition),
                        state -> {
                            if (state == null) {
                                read.completeExceptionally(
                                        new CoordinationException("partition " + partition + " is not there", null));
                            } else {
                                report(state);
                                read.complete(state);
                            }
                        },
                        () -> read.completeExceptionally(new CoordinationException("no answer", null))));
        return read.minimalCompletionStage();
    }

    @Override
    public CompletionStage<CasResult> compareAndSet(int expectedVersion, PartitionState next) {
        CompletableFuture<CasResult> result = new CompletableFuture<>();
        timeline.after(0, () -> {
            if (closed || sessionState != SessionState.CONNECTED) {
                result.complete(new CasResult.NotDone("the coordinator cannot be reached"));
                return;
            }
            long asking = session;
            ask(
                    within(asking, () -> servers.compareAndSet(expectedVersion, next)),
                    answer -> result.complete(learn(next, answer)),
                    () -> result.complete(new CasResult.Unknown("no answer")));
        });
        return result.minimalCompletionStage();
    }

    private CasResult learn(PartitionState next, @Nullable CasResult answer) {
        switch (answer) {
            case null -> {
                return new CasResult.Unknown("the session has ended");
            }
            case CasResult.Won won -> report(new Versioned<>(next, won.version()));
            case CasResult.Lost lost -> report(lost.current());
            case CasResult.NotDone _, CasResult.Unknown _ -> {}
        }
        return answer;
    }

    @Override
    public CompletionStage<Void> setDraining(String node, boolean draining) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        inSession(() -> {
            long asking = session;
            ask(
                    within(asking, () -> asTrue(() -> servers.setDraining(node, draining))),
                    answer -> {
                        if (answer == null) {
                            done.completeExceptionally(new CoordinationException("the session has ended", null));
                        } else {
                            done.complete(null);
                        }
                    },
                    () -> done.completeExceptionally(new CoordinationException("no answer", null)));
        });
        return done.minimalCompletionStage();
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        timeline.after(delay.toMillis(), () -> {
            if (!closed) {
                task.run();
            }
        });
    }

    // ---- The controller.

    @Override
    public void joinControllerElection(String node, ControllerCandidate running) {
        timeline.after(0, () -> {
            candidate = running;
            candidateNode = node;
            campaignAgain();
        });
    }

    private void campaignAgain() {
        if (candidate == null || sessionState != SessionState.CONNECTED) {
            return;
        }
        long asking = session;
        ask(
                within(asking, () -> asTrue(() -> servers.joinControllerElection(candidateNode, asking))),
                _ -> beginTermIfFirst(),
                () -> timeline.after(RETRY_MILLIS, this::campaignAgain));
    }

    private void beginTermIfFirst() {
        View view = newest;
        if (candidate == null
                || term != null
                || beginningTerm
                || view == null
                || view.leading() != session
                || sessionState != SessionState.CONNECTED) {
            return;
        }
        beginningTerm = true;
        long asking = session;
        ask(
                () -> servers.beginTerm(asking),
                epoch -> {
                    beginningTerm = false;
                    begun(asking, epoch);
                },
                () -> {
                    beginningTerm = false;
                    timeline.after(RETRY_MILLIS, this::beginTermIfFirst);
                });
    }

    private void begun(long asking, int epoch) {
        ControllerCandidate running = candidate;
        if (epoch != 0 && running != null && asking == session && sessionState == SessionState.CONNECTED) {
            term = new ControllerEpoch(epoch);
            running.elected(term);
        }
    }

    private void endTerm() {
        ControllerEpoch ended = term;
        term = null;
        if (ended != null && candidate != null) {
            candidate.deposed(ended);
        }
    }

    @Override
    public CompletionStage<Void> leaveControllerElection() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        timeline.after(0, () -> {
            endTerm();
            candidate = null;
            long asking = session;
            Runnable withdraw = () -> servers.withdraw(asking);
            ask(() -> asTrue(withdraw), _ -> done.complete(null), () -> done.complete(null));
        });
        return done.minimalCompletionStage();
    }

    @Override
    public CompletionStage<ControllerWriteResult> write(ControllerEpoch writing, List<ControllerWrite> writes) {
        CompletableFuture<ControllerWriteResult> result = new CompletableFuture<>();
        timeline.after(
                0,
                () -> ask(
                        () -> servers.write(writing.value(), writes),
                        answer -> {
                            if (answer instanceof ControllerWriteResult.Deposed && writing.equals(term)) {
                                endTerm();
                                beginTermIfFirst();
                            }
                            result.complete(answer);
                        },
                        () -> result.complete(new ControllerWriteResult.Unknown("no answer"))));
        return result.minimalCompletionStage();
    }
}
