package io.caskade.server.simulator;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.simulator.SimulatedPartition.Reply;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Sends a client's requests, mostly to the leader, and waits for each answer for a while. What chance decides
/// for it comes from the client's own randomness.
final class RequestSender {

    private static final long TIMEOUT_MILLIS = 400;
    private static final long PROXY_MILLIS = 1_500;

    private final Simulation simulation;
    private final Random random;

    RequestSender(Simulation simulation, Random random) {
        this.simulation = simulation;
        this.random = random;
    }

    /// @param answered told once: of the reply, or null when none came in time
    void send(Request request, Consumer<@Nullable Reply> answered) {
        int partition = simulation.partitionOf(request.key());
        boolean[] over = {false};
        Consumer<@Nullable Reply> once = reply -> {
            if (!over[0]) {
                over[0] = true;
                answered.accept(reply);
            }
        };
        boolean proxied = simulation.isProxying();
        SimulatedProcess target = target(partition);
        if (target != null) {
            travel(() -> target.timeline().after(0, () -> {
                SimulatedPartition hosted = target.partition(partition);
                if (proxied) {
                    target.proxy().execute(request, false, PROXY_MILLIS, reply -> travel(() -> once.accept(reply)));
                } else if (hosted == null) {
                    travel(() -> once.accept(Reply.refused(Reason.NOT_LEADER)));
                } else {
                    hosted.execute(request, reply -> travel(() -> once.accept(reply)));
                }
            }));
        }
        long timeout = proxied ? PROXY_MILLIS + TIMEOUT_MILLIS : TIMEOUT_MILLIS;
        simulation.world().after(timeout, () -> once.accept(null));
    }

    private void travel(Runnable arrival) {
        long late = random.nextInt(200) == 0 ? 1000 : 0;
        simulation.world().after(random.nextInt(4) + late, arrival);
    }

    /// Mostly the leader as the coordinator knows it; sometimes any node.
    private @Nullable SimulatedProcess target(int partition) {
        NodeIncarnation leader = simulation.leaderOf(partition);
        List<SimulatedNode> nodes = simulation.nodes();
        return leader != null && random.nextInt(10) > 0
                ? simulation.node(leader.node()).process()
                : nodes.get(random.nextInt(nodes.size())).process();
    }
}
