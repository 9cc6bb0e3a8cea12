package io.caskade.server.simulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The network between nodes: messages take their time, overtake each other, get lost, come twice or very late;
/// links can be cut one way.
final class Network {

    private record Way(String from, String to) {}

    private record Said(String from, String to, Runnable arrival) {}

    private static final int MAX_DELAY_MILLIS = 8;
    private static final int MAX_REMEMBERED = 60;
    private static final int MAX_REPEATED = 12;
    private static final int MAX_LATENESS_MILLIS = 5000;

    private final Timeline world;
    private final RandomGenerator random;
    private final Coverage coverage;
    private final Set<Way> cut = new HashSet<>();
    private final Deque<Said> lately = new ArrayDeque<>();

    /// How many in a thousand are lost, come twice, or come very late; a few always do.
    private int lossPerMille = 1;

    private int doublesPerMille = 3;
    private int latePerMille = 5;

    Network(Timeline world, RandomGenerator random, Coverage coverage) {
        this.world = world;
        this.random = random;
        this.coverage = coverage;
    }

    void misbehave(int loss, int doubles, int late) {
        lossPerMille = loss;
        doublesPerMille = doubles;
        latePerMille = late;
    }

    /// Nothing is lost, doubled or late any more.
    void behave() {
        misbehave(0, 0, 0);
    }

    void cut(String from, String to) {
        cut.add(new Way(from, to));
    }

    void heal() {
        cut.clear();
    }

    boolean isOpen(String from, String to) {
        return !cut.contains(new Way(from, to));
    }

    void send(String from, String to, Runnable arrival) {
        lately.addLast(new Said(from, to, arrival));
        if (lately.size() > MAX_REMEMBERED) {
            lately.removeFirst();
        }
        if (random.nextInt(1000) < lossPerMille) {
            coverage.reached("message lost");
            return;
        }
        deliver(from, to, arrival, 1 + random.nextInt(MAX_DELAY_MILLIS));
        if (random.nextInt(1000) < doublesPerMille) {
            coverage.reached("message doubled");
            deliver(from, to, arrival, 1 + random.nextInt(MAX_DELAY_MILLIS));
        }
    }

    /// Has some of what a node has lately said arrive once more, in any order.
    void repeat(String from, RandomGenerator chance) {
        List<Said> said =
                lately.stream().filter(message -> message.from().equals(from)).toList();
        for (int i = 0; i < MAX_REPEATED && !said.isEmpty(); i++) {
            Said again = said.get(chance.nextInt(said.size()));
            deliver(again.from(), again.to(), again.arrival(), 1 + chance.nextInt(200));
        }
    }

    private void deliver(String from, String to, Runnable arrival, long delay) {
        long late = random.nextInt(1000) < latePerMille ? random.nextInt(MAX_LATENESS_MILLIS) : 0;
        if (late > 0) {
            coverage.reached("message very late");
        }
        world.after(delay + late, () -> {
            if (isOpen(from, to)) {
                arrival.run();
            }
        });
    }
}
