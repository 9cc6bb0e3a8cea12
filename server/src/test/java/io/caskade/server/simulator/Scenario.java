package io.caskade.server.simulator;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.DiskSpace;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Timeouts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Replicas of one partition, told line by line what happens to them; the answer is what they do.
///
/// The language is described in `server/src/test/resources/transcripts/README.md`.
final class Scenario {

    private static final long TICK_MILLIS = 100;
    private static final long STARTED_MILLIS = 10_000;
    private static final int MAX_STEPS = 10_000;

    private final Map<String, ScriptedNode> nodes = new TreeMap<>();
    private final ScriptedNetwork network = new ScriptedNetwork();
    private final Set<String> withoutCoordinator = new HashSet<>();
    private @Nullable ScriptedCoordinator coordinator;
    private Timeouts timeouts = new Timeouts(1000, 2000, 500, 5000, 5000);
    private List<String> output = new ArrayList<>();
    private boolean brief;
    private boolean timed;
    private long now;
    private long maxRetainedTombstones = 1000;

    /// Replays a transcript: keeps what its author wrote, and writes the rest again.
    static List<String> replay(List<String> transcript) {
        Scenario scenario = new Scenario();
        List<String> lines = new ArrayList<>();
        for (String line : transcript) {
            if (line.startsWith(" ")) {
                continue;
            }
            lines.add(line);
            if (!line.isBlank() && !line.startsWith("#")) {
                lines.addAll(scenario.follow(line));
            }
        }
        return lines;
    }

    private List<String> follow(String line) {
        output = new ArrayList<>();
        brief = false;
        timed = false;
        try {
            obey(Arrays.asList(line.split(" +")));
        } catch (IllegalArgumentException | NoSuchElementException e) {
            throw new IllegalArgumentException("\"" + line + "\": " + e.getMessage(), e);
        }
        return output;
    }

    long now() {
        return now;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    long maxRetainedTombstones() {
        return maxRetainedTombstones;
    }

    ScriptedNetwork network() {
        return network;
    }

    ScriptedCoordinator coordinator() {
        if (coordinator == null) {
            throw new IllegalArgumentException("begin with \"replicas a b c, min-insync 2\"");
        }
        return coordinator;
    }

    /// Something a reader wants to know even when much happens.
    void event(String line) {
        output.add((timed ? "  at " + now + " " : "  ") + line);
    }

    /// Something a reader wants to know when little happens.
    void effect(String line) {
        if (!brief) {
            event(line);
        }
    }

    // ---- The language.

    private void obey(List<String> words) {
        String first = words.getFirst();
        switch (first) {
            case "replicas" -> declare(words);
            case "timeouts" -> changeTimeouts(words);
            case "tombstones" -> maxRetainedTombstones = Long.parseLong(words.getLast());
            case "state:" -> begin(words);
            case "log" -> hold(words);
            case "pass" -> now += Long.parseLong(words.get(1));
            case "run" -> run(Long.parseLong(words.get(1)));
            case "settle" -> settleAndShow();
            case "show" -> show();
            case "cut" -> cut(words.get(1), words.size() > 2 ? words.get(2) : "");
            case "heal" -> heal();
            case "lose" -> lose(words);
            case "zk" -> deliverToCoordinator(words);
            case "all" -> befallAll(words);
            default -> {
                if (words.size() > 2 && words.get(1).equals("<-")) {
                    hear(node(first), words);
                } else {
                    befall(node(first), String.join(" ", words.subList(1, words.size())));
                }
            }
        }
    }

    private void befallAll(List<String> words) {
        if (words.get(1).equals("start")) {
            startAll();
        } else {
            awake().forEach(node -> hear(node, words));
        }
    }

    /// Has nothing to show but how it ends: the first replica leads, and all are in sync.
    private void startAll() {
        List<String> unseen = output;
        output = new ArrayList<>();
        nodes.values().forEach(ScriptedNode::start);
        run(STARTED_MILLIS);
        output = unseen;
        show();
    }

    private void declare(List<String> words) {
        List<String> names = new ArrayList<>();
        for (String word : words.subList(1, words.indexOf("min-insync"))) {
            names.add(word.replace(",", ""));
        }
        names.forEach(name -> nodes.put(name, new ScriptedNode(this, name)));
        coordinator =
                new ScriptedCoordinator(PartitionState.withoutLeader(0, names, Integer.parseInt(words.getLast())));
    }

    /// `state: led by a, epoch 5, in sync a b`: by a process before those of the script.
    private void begin(List<String> words) {
        String leader = words.get(words.indexOf("by") + 1).replace(",", "");
        int epoch = Integer.parseInt(words.get(words.indexOf("epoch") + 1).replace(",", ""));
        Set<CopyId> inSync = words.subList(words.indexOf("sync") + 1, words.size()).stream()
                .map(name -> node(name).identity())
                .collect(Collectors.toSet());
        coordinator()
                .store(coordinator()
                        .newest()
                        .value()
                        .withLeadership(new NodeIncarnation(leader, leader + "-0"), epoch, inSync));
    }

    /// `timeouts b: lease 5000, grace 6000`.
    private void changeTimeouts(List<String> words) {
        node(words.get(1).replace(":", ""))
                .setTimeouts(Long.parseLong(words.get(3).replace(",", "")), Long.parseLong(words.get(5)));
    }

    /// `log a b: epoch 1 to 5, epoch 2 to 8`.
    private void hold(List<String> words) {
        int colon = 1;
        while (!words.get(colon).endsWith(":")) {
            colon++;
        }
        for (String name : words.subList(1, colon + 1)) {
            for (int i = colon + 1; i + 3 < words.size(); i += 4) {
                int epoch = Integer.parseInt(words.get(i + 1));
                node(name.replace(":", ""))
                        .hold(epoch, Long.parseLong(words.get(i + 3).replace(",", "")));
            }
        }
    }

    private void deliverToCoordinator(List<String> words) {
        String from = words.get(2);
        if (from.equals("controller") && words.get(3).equals("names")) {
            coordinator().store(coordinator().newest().value().withSuccessor(words.getLast()));
            event("zk: " + Wording.of(coordinator().newest()));
        } else if (from.equals("controller")) {
            elect(node(words.getLast()));
        } else {
            node(from).writeArrives();
        }
    }

    private void elect(ScriptedNode elected) {
        PartitionState state = coordinator().newest().value();
        coordinator().store(state.withLeadership(elected.self(), state.epoch() + 1, state.isr()));
        event("zk: " + Wording.of(coordinator().newest()));
    }

    private void hear(ScriptedNode node, List<String> words) {
        List<String> said = words.subList(3, words.size());
        switch (words.get(2)) {
            case "tick" -> node.tell(new Event.Ticked());
            case "sync" -> node.endSync();
            case "stop" -> node.tell(new Event.StopRequested());
            case "damage" -> node.tell(new Event.CopyDamaged("a checksum is wrong"));
            case "zk" -> hearCoordinator(node, said);
            case "client" -> hearClient(node, said);
            case "lost" -> node.tell(new Event.PeerDisconnected(said.getFirst()));
            default -> hearOther(node, words.get(2), said);
        }
    }

    private void hearCoordinator(ScriptedNode node, List<String> said) {
        if (said.isEmpty()) {
            node.hearCoordinator();
        } else if (said.getFirst().equals("nothing")) {
            node.hearNothingFromCoordinator();
        } else {
            node.tell(new Event.StateObserved(coordinator().version(Integer.parseInt(said.get(1)))));
        }
    }

    private void hearClient(ScriptedNode node, List<String> said) {
        String[] record = said.get(1).split("=", 2);
        switch (said.getFirst()) {
            case "put" -> node.put(record[0], record[1]);
            case "delete" -> node.delete(record[0]);
            case "get" -> node.get(record[0]);
            default -> throw new IllegalArgumentException("a client can put, delete and get");
        }
    }

    private void hearOther(ScriptedNode node, String from, List<String> said) {
        String kind = said.getFirst();
        ScriptedNetwork.Sent next = network.oldest(from, node.name(), kind)
                .orElseThrow(() -> new IllegalArgumentException("no " + kind + " is on its way"));
        if (said.getLast().equals("again")) {
            deliver(node, next);
            return;
        }
        Optional<ScriptedNetwork.Sent> sent = Optional.of(next);
        while (sent.isPresent()) {
            network.take(sent.get());
            deliver(node, sent.get());
            sent = kind.equals("all") ? network.oldest(from, node.name(), kind) : Optional.empty();
        }
    }

    private void deliver(ScriptedNode node, ScriptedNetwork.Sent sent) {
        effect("(" + Wording.of(sent.message()) + ")");
        node.tell(new Event.Received(sent.from(), sent.message()));
    }

    private void befall(ScriptedNode node, String what) {
        switch (what) {
            case "starts" -> node.start();
            case "dies" -> node.die();
            case "loses power" -> node.losePower();
            case "pauses" -> node.pause(true);
            case "goes on" -> node.pause(false);
            case "disk hangs" -> node.setDiskHanging(true);
            case "disk goes on" -> node.setDiskHanging(false);
            case "disk is full" -> node.setDiskSpace(DiskSpace.FULL);
            case "disk is nearly full" -> node.setDiskSpace(DiskSpace.LOW);
            case "disk has room" -> node.setDiskSpace(DiskSpace.ROOM);
            case "merges" -> node.merge();
            default -> {
                if (!what.startsWith("suspended ")) {
                    throw new IllegalArgumentException("nothing of that sort can happen to a node");
                }
                long millis = Long.parseLong(what.substring("suspended ".length()));
                node.suspend(millis);
                now += millis;
            }
        }
    }

    private ScriptedNode node(String name) {
        ScriptedNode node = nodes.get(name);
        if (node == null) {
            throw new IllegalArgumentException("there is no replica " + name);
        }
        return node;
    }

    // ---- What happens by itself.

    private void cut(String one, String other) {
        if (other.equals("zk")) {
            withoutCoordinator.add(one);
        } else if (other.isEmpty()) {
            nodes.keySet().stream().filter(name -> !name.equals(one)).forEach(name -> network.cut(one, name));
        } else {
            network.cut(one, other);
        }
    }

    private void heal() {
        network.heal();
        withoutCoordinator.clear();
    }

    private void lose(List<String> words) {
        int lost = network.lose(words.get(1), words.get(3));
        effect(lost + " lost");
    }

    private void settleAndShow() {
        brief = true;
        settle();
        show();
    }

    private void run(long millis) {
        brief = true;
        timed = true;
        long end = now + millis;
        settle();
        while (now < end) {
            now = Math.min(end, now + TICK_MILLIS);
            awake().forEach(node -> node.tell(new Event.Ticked()));
            settle();
        }
        timed = false;
        show();
    }

    private List<ScriptedNode> awake() {
        return nodes.values().stream().filter(ScriptedNode::isAwake).toList();
    }

    /// Delivers everything in transit that can arrive.
    private void settle() {
        int steps = 0;
        while (settleOne()) {
            if (++steps > MAX_STEPS) {
                throw new IllegalArgumentException("it never settles");
            }
        }
    }

    private boolean settleOne() {
        Set<String> receivers = awake().stream().map(ScriptedNode::name).collect(Collectors.toSet());
        Optional<ScriptedNetwork.Sent> message = network.nextThatArrives(receivers);
        if (message.isPresent()) {
            network.take(message.get());
            node(message.get().to())
                    .tell(new Event.Received(message.get().from(), message.get().message()));
            return true;
        }
        return doOne(ScriptedNode::canSync, ScriptedNode::endSync)
                || doOne(node -> reachesCoordinator(node) && node.hasWrite(), ScriptedNode::writeArrives)
                || doOne(
                        node -> reachesCoordinator(node) && node.isAwake() && node.hasNews(),
                        ScriptedNode::hearCoordinator);
    }

    private boolean reachesCoordinator(ScriptedNode node) {
        return !withoutCoordinator.contains(node.name());
    }

    private boolean doOne(Predicate<ScriptedNode> can, Consumer<ScriptedNode> action) {
        for (ScriptedNode node : nodes.values()) {
            if (can.test(node)) {
                action.accept(node);
                return true;
            }
        }
        return false;
    }

    private void show() {
        nodes.values().forEach(node -> event(node.standing()));
    }
}
