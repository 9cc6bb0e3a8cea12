package io.caskade.server.simulator;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.ControllerPlanner;
import io.caskade.server.controller.Observations;
import io.caskade.server.replica.Role;
import io.caskade.server.simulator.LinearizabilityChecker.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A whole cluster, its clients and its misfortunes, in one thread from one seed: the same seed gives the same
/// run, event for event.
final class Simulation {

    /// One of so many runs ends with a trial of the clocks.
    private static final int CLOCK_TRIALS = 8;

    private static final long HEALING_MILLIS = 30_000;

    /// An outage takes as long as many faults, so only some runs have one.
    private static final int OUTAGE_EVERY = 3;

    private static final long LAST_READS_MILLIS = 5_000;

    /// So many at least, however long each of them takes: some go to a node that does not lead.
    private static final int LAST_READS = 10;

    /// Only some runs have batches, and each has them from randomness of its own: the others stay as they are.
    private static final int BATCHES_EVERY = 5;

    private static final int BATCHES_REST = 4;
    private static final int BATCH_CLIENTS = 2;

    /// So have only some runs transactions and pipelines: others than have batches.
    private static final int TRANSACTIONS_EVERY = 20;

    private static final int TRANSACTIONS_REST = 13;
    private static final int TRANSACTION_CLIENTS = 2;
    private static final long DELETION_MILLIS = 10_000;
    private static final long QUIET_MILLIS = 4_500;
    private static final long SLICE_MILLIS = 50;

    private final long seed;
    private final boolean proxying;
    private final Random random;
    private final SimulationOptions options;
    private final VirtualTimeline world = new VirtualTimeline(this::throwIfBroken);
    private final CoordinationServers servers = new CoordinationServers(world);
    private final Coverage coverage = new Coverage();
    private final Network network;
    private final Injections injections;
    private final AimedFaults aimed;
    private final Invariants invariants = new Invariants(this);
    private final Map<String, SimulatedNode> nodes = new TreeMap<>();
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final List<BatchClient> batchClients = new ArrayList<>();
    private final List<TransactionClient> transactionClients = new ArrayList<>();
    private final List<PipelineClient> pipelineClients = new ArrayList<>();
    private final Map<String, List<Operation>> history = new TreeMap<>();
    private final Map<String, String> lastSeen = new HashMap<>();
    private final @Nullable Consumer<String> transcript;
    private long moments;
    private long moveRate;
    private long ids;
    private @Nullable Throwable failure;

    /// @param transcript is told all that happens, unless it is null
    Simulation(long seed, @Nullable Consumer<String> transcript) {
        this(seed, Set.of(), transcript);
    }

    /// @param left the numbers of the faults that do not strike
    Simulation(long seed, Set<Integer> left, @Nullable Consumer<String> transcript) {
        this(seed, left, transcript, false);
    }

    /// @param proxying whether clients ask any node, and nodes pass on what others must answer
    Simulation(long seed, Set<Integer> left, @Nullable Consumer<String> transcript, boolean proxying) {
        this.seed = seed;
        this.proxying = proxying;
        this.injections = new Injections(seed, left);
        this.aimed = new AimedFaults(this, seed);
        this.transcript = transcript;
        this.random = new Random(seed);
        this.options = SimulationOptions.of(random);
        this.moveRate = options.moveRate();
        this.network = new Network(world, random, coverage);
        for (int i = 1; i <= options.nodes(); i++) {
            double rate = 1 + options.drift() * (2 * random.nextDouble() - 1);
            NodeClock clock = new NodeClock(world, rate, random.nextInt(2000) - 1000);
            nodes.put("n" + i, new SimulatedNode(this, "n" + i, clock));
        }
    }

    /// Runs to the end.
    ///
    /// @throws InvariantBroken when something happened that must not
    Coverage run() {
        servers.found(new BootstrapData(
                new ClusterSettings("c", options.partitions()), new ClusterSecret(new byte[ClusterSecret.SEED_BYTES])));
        Faults faults = new Faults(this);
        faults.chooseTimeouts();
        nodes.values().forEach(SimulatedNode::start);
        for (int i = 1; i <= options.clients(); i++) {
            SimulatedClient client = new SimulatedClient(this, "c" + i);
            clients.add(client);
            client.start();
        }
        if (seed % BATCHES_EVERY == BATCHES_REST) {
            for (int i = 1; i <= BATCH_CLIENTS; i++) {
                BatchClient client = new BatchClient(this, "b" + i, seed);
                batchClients.add(client);
                client.start();
            }
        }
        if (seed % TRANSACTIONS_EVERY == TRANSACTIONS_REST) {
            for (int i = 1; i <= TRANSACTION_CLIENTS; i++) {
                TransactionClient client = new TransactionClient(this, "t" + i, seed);
                transactionClients.add(client);
                client.start();
            }
            PipelineClient client = new PipelineClient(this, "p1", seed);
            pipelineClients.add(client);
            client.start();
        }
        StateChanges changes = new StateChanges(this);
        servers.onReplaced(changes::changed);
        servers.onTerm(changes::inTerm);
        faults.begin();
        Administrator administrator = new Administrator(this);
        administrator.begin();
        world.pass(options.faultsMillis());
        administrator.stop();
        liftMoveRate();
        faults.heal();
        await("the cluster serves again", HEALING_MILLIS, this::isWhole);
        if (seed % OUTAGE_EVERY == 0) {
            new Outage(this, random).run();
            await("the cluster serves again", HEALING_MILLIS, this::isWhole);
        }
        clients.forEach(SimulatedClient::stop);
        batchClients.forEach(BatchClient::stop);
        transactionClients.forEach(TransactionClient::stop);
        pipelineClients.forEach(PipelineClient::stop);
        await(
                "every request ends",
                LAST_READS_MILLIS,
                () -> clients.stream().allMatch(SimulatedClient::isResting)
                        && batchClients.stream().allMatch(BatchClient::isResting)
                        && transactionClients.stream().allMatch(TransactionClient::isResting)
                        && pipelineClients.stream().allMatch(PipelineClient::isResting));
        readEverything();
        faults.rest();
        await(
                "a copy that is not needed is deleted",
                DELETION_MILLIS,
                () -> IntStream.range(0, options.partitions()).noneMatch(invariants::isUnneededCopyLeft));
        world.pass(QUIET_MILLIS);
        checkEnd();
        if (seed % CLOCK_TRIALS == 0) {
            new ClockTrial(this).run();
            throwIfBroken();
        }
        return coverage;
    }

    /// Where clients write faster than that, no copy would catch up.
    private void liftMoveRate() {
        moveRate = 0;
        for (SimulatedNode node : nodes.values()) {
            SimulatedProcess process = node.process();
            if (process != null) {
                process.throttle().setRate(0);
            }
        }
    }

    /// What a process may send per second to copies that are not in sync.
    long moveRate() {
        return moveRate;
    }

    /// Returns when the cluster serves again, with all copies in sync.
    void awaitWhole() {
        await("the cluster serves again", HEALING_MILLIS, this::isWhole);
    }

    private void await(String what, long millis, BooleanSupplier condition) {
        long end = world.now() + millis;
        while (!condition.getAsBoolean()) {
            if (world.now() >= end) {
                throw invariants.broken(what, "not within " + millis + " ms: " + describe());
            }
            world.pass(SLICE_MILLIS);
        }
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        text.append("\n  registered: ").append(servers.view().nodes().keySet());
        for (int id = 0; id < options.partitions(); id++) {
            text.append("\n  ").append(id).append(": ").append(servers.read(id));
            for (SimulatedNode node : nodes.values()) {
                SimulatedProcess process = node.process();
                text.append("\n    ").append(process == null ? node.name() + " down" : process.partition(id));
            }
        }
        return text.toString();
    }

    /// Whether every partition is served, with all of its copies in sync, and controllers have nothing left to
    /// do.
    private boolean isWhole() {
        if (!isAtRest()) {
            return false;
        }
        for (int id = 0; id < options.partitions(); id++) {
            Versioned<PartitionState> state = servers.read(id);
            if (state == null
                    || state.value().isr().size() < state.value().replicas().size()
                    || state.value().replicas().stream()
                            .anyMatch(node -> isDamaged(node, state.value().id()))
                    || !isServed(state.value())) {
                return false;
            }
        }
        return true;
    }

    private boolean isDamaged(String node, int partition) {
        KnownCopy known = node(node).known(partition);
        return known != null && known.damaged();
    }

    private boolean isAtRest() {
        CoordinationServers.View view = servers.view();
        ClusterImage image = new ClusterImage(
                new ClusterSettings("c", options.partitions()),
                view.nodes(),
                view.partitions(),
                view.draining(),
                view.controller());
        Observations longSince = new Observations(Set.of(), view.partitions().keySet(), Set.of());
        return ControllerPlanner.next(image, options.policy(), longSince).isEmpty()
                && view.partitions().values().stream()
                        .map(Versioned::value)
                        .noneMatch(state -> state.isReassigning() || state.successor() != null);
    }

    /// Where a node stands.
    String rack(String node) {
        int number = Integer.parseInt(node.substring(1));
        return options.racks() == 0 ? "" : "r" + number % options.racks();
    }

    /// Whether the leader that the state names answers reads.
    boolean isServed(PartitionState state) {
        NodeIncarnation leader = state.leader();
        SimulatedProcess process = leader == null ? null : node(leader.node()).process();
        SimulatedPartition hosted = process == null ? null : process.partition(state.id());
        return hosted != null
                && hosted.process().self().equals(leader)
                && hosted.role() instanceof Role.Leader
                && hosted.hasLease();
    }

    private void readEverything() {
        for (int i = 0; i < options.keys(); i++) {
            SimulatedClient reader = new SimulatedClient(this, "last" + i);
            reader.stop();
            String key = "k" + i;
            int before = operations(key).size();
            long end = world.now() + LAST_READS_MILLIS;
            int asked = 0;
            while (operations(key).size() == before || operations(key).getLast().isUnknown()) {
                if (world.now() >= end && asked >= LAST_READS) {
                    throw invariants.broken("the cluster serves again", key + " cannot be read: " + describe());
                }
                reader.send(Request.read(key));
                asked++;
                world.pass(500);
            }
        }
    }

    /// All that was done to a key, as far as clients know.
    List<Operation> history(String key) {
        return List.copyOf(operations(key));
    }

    private void checkEnd() {
        pipelineClients.forEach(PipelineClient::check);
        for (int id = 0; id < options.partitions(); id++) {
            invariants.checkSame(id);
            if (invariants.lost(id) > 0) {
                coverage.reached("write lost that the leader alone had acknowledged");
            }
            for (SimulatedNode node : nodes.values()) {
                SimulatedProcess process = node.process();
                SimulatedPartition hosted = process == null ? null : process.partition(id);
                if (hosted != null && (hosted.waiting() > 0 || hosted.inFlightBytes() > 0)) {
                    throw invariants.broken(
                            "no request hangs",
                            hosted.waiting() + " and " + hosted.inFlightBytes() + " bytes wait at " + hosted);
                }
            }
        }
        history.forEach((key, operations) -> {
            Verdict verdict = LinearizabilityChecker.check(operations);
            coverage.reached("history " + verdict);
            if (verdict == Verdict.NOT_LINEARIZABLE) {
                StringBuilder listed = new StringBuilder(key + " is not linearizable:");
                operations.forEach(operation -> listed.append("\n  ").append(operation));
                throw invariants.broken("linearizable", listed.toString());
            }
        });
    }

    long seed() {
        return seed;
    }

    RandomGenerator random() {
        return random;
    }

    SimulationOptions options() {
        return options;
    }

    VirtualTimeline world() {
        return world;
    }

    CoordinationServers servers() {
        return servers;
    }

    Coverage coverage() {
        return coverage;
    }

    boolean isProxying() {
        return proxying;
    }

    Network network() {
        return network;
    }

    Injections injections() {
        return injections;
    }

    AimedFaults aimed() {
        return aimed;
    }

    Invariants invariants() {
        return invariants;
    }

    List<SimulatedNode> nodes() {
        return List.copyOf(nodes.values());
    }

    SimulatedNode node(String name) {
        SimulatedNode node = nodes.get(name);
        if (node == null) {
            throw new IllegalArgumentException("no node " + name);
        }
        return node;
    }

    UUID newId() {
        return new UUID(0, ++ids);
    }

    /// Something happened that must not. The run ends with the first such failure, even if it is caught on the
    /// way.
    void fail(Throwable fault) {
        if (failure == null) {
            failure = fault;
        }
    }

    /// Does something within a future, which would keep what it throws to itself.
    void attempt(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void throwIfBroken() {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    /// A place among all invocations and returns.
    long nextMoment() {
        return ++moments;
    }

    String key(RandomGenerator chance) {
        return "k" + chance.nextInt(options.keys());
    }

    int partitionOf(String key) {
        return Integer.parseInt(key.substring(1)) % options.partitions();
    }

    /// All keys of a partition that clients use.
    List<String> keysOf(int partition) {
        return IntStream.range(0, options.keys())
                .mapToObj(number -> "k" + number)
                .filter(key -> partitionOf(key) == partition)
                .toList();
    }

    private List<Operation> operations(String key) {
        return history.computeIfAbsent(key, _ -> new ArrayList<>());
    }

    void note(String key, Operation operation) {
        operations(key).add(operation);
        String seen = operation.seen() != null ? operation.seen() : operation.value();
        if (seen != null) {
            lastSeen.put(key, seen);
        }
        transcript(() -> key + " " + operation);
    }

    /// What a client has lately seen or tried to write there, if anything.
    @Nullable
    String lastSeen(String key) {
        return lastSeen.get(key);
    }

    @Nullable
    NodeIncarnation leaderOf(int partition) {
        Versioned<PartitionState> state = servers.read(partition);
        return state == null ? null : state.value().leader();
    }

    /// Writes down what happens.
    void transcript(Supplier<String> line) {
        if (transcript != null) {
            transcript.accept(world.now() + " " + line.get());
        }
    }
}
