package io.caskade.server.simulator;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.proxy.CommandProxy;
import io.caskade.server.proxy.ForwardingPlan.Kind;
import io.caskade.server.proxy.PeerCommands;
import io.caskade.server.proxy.PeerCommands.Attempt;
import io.caskade.server.proxy.ProxyProbe;
import io.caskade.server.proxy.UnansweredException;
import io.caskade.server.simulator.SimulatedPartition.Reply;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// What answers, in one process, for partitions that other nodes lead: the code that ships, over calls that
/// take a while, or are lost.
final class SimulatedProxy {

    private static final int MAX_DELAY_MILLIS = 4;

    private final Simulation simulation;
    private final SimulatedProcess process;
    private final CommandProxy proxy;

    SimulatedProxy(Simulation simulation, SimulatedProcess process, EventLoop loop) {
        this.simulation = simulation;
        this.process = process;
        this.proxy = new CommandProxy(new CommandProxy.Dependencies(
                process.self(),
                unused(CommandHandler.class),
                unused(PeerCommands.class),
                _ -> loop,
                process.workers(),
                () -> process.node().clock().now().monotonic(),
                simulation.random(),
                Long.MAX_VALUE,
                new ByteBudget(Long.MAX_VALUE)));
    }

    /// The simulation puts its own requests to the nodes.
    private static <T> T unused(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, _) -> {
            throw new UnsupportedOperationException(method.toString());
        }));
    }

    void imageChanged(ClusterImage image) {
        proxy.imageChanged(image);
    }

    /// Answers a request of a client, or of a node that passed it on.
    void execute(Request request, boolean forwarded, long timeoutMillis, Consumer<Reply> reply) {
        int partition = simulation.partitionOf(request.key());
        long deadline = process.node().clock().now().monotonic() + timeoutMillis;
        CompletionStage<Reply> answer = ProxyProbe.start(
                proxy,
                kind(request),
                partition,
                forwarded,
                deadline,
                () -> here(request, partition),
                (node, timeout) -> at(node, request, forwarded, timeout));
        var _ = answer.whenComplete((found, failure) -> simulation.attempt(() -> {
            switch (failure instanceof CompletionException wrapped ? wrapped.getCause() : failure) {
                case null -> reply.accept(Objects.requireNonNull(found));
                case CommandRefusedException refused -> reply.accept(Reply.refused(refused.reason()));
                case Throwable unexpected -> simulation.fail(unexpected);
            }
        }));
    }

    private static Kind kind(Request request) {
        return request.replicaRead() != null
                ? Kind.REPLICA_READ
                : request.kind() == Operation.Kind.READ ? Kind.LEADER_READ : Kind.WRITE;
    }

    private CompletionStage<Reply> here(Request request, int partition) {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        SimulatedPartition hosted = process.partition(partition);
        if (hosted == null) {
            settle(answer, Reply.refused(Reason.NOT_LEADER));
        } else {
            hosted.execute(request, reply -> settle(answer, reply));
        }
        return answer;
    }

    private static void settle(CompletableFuture<Reply> answer, Reply reply) {
        if (reply.refusal() == null) {
            answer.complete(reply);
        } else {
            answer.completeExceptionally(new CommandRefusedException(reply.refusal(), "refused"));
        }
    }

    /// A process that has ended takes no connection; of one that ends, or is cut off, nothing comes.
    private Attempt<Reply> at(NodeInfo node, Request request, boolean forwarded, long timeoutMillis) {
        if (forwarded) {
            throw simulation.invariants().broken("a request is passed on once at most", process.self() + " " + request);
        }
        simulation.coverage().reached("request passed on");
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        String here = process.node().name();
        travel(here, node.id(), () -> {
            SimulatedProcess target = simulation.node(node.id()).process();
            if (target == null) {
                travel(node.id(), here, () -> fail(answer, false));
            } else {
                target.timeline()
                        .after(
                                0,
                                () -> target.proxy()
                                        .execute(
                                                request,
                                                true,
                                                timeoutMillis,
                                                reply -> travel(
                                                        node.id(),
                                                        here,
                                                        () -> process.timeline()
                                                                .after(0, () -> settle(answer, reply)))));
            }
        });
        process.timeline().after(timeoutMillis, () -> fail(answer, true));
        return new Attempt<>(answer, () -> fail(answer, true));
    }

    private static void fail(CompletableFuture<Reply> answer, boolean maybeReceived) {
        answer.completeExceptionally(new UnansweredException(maybeReceived, "did not answer"));
    }

    private void travel(String from, String to, Runnable arrival) {
        long late = simulation.random().nextInt(200) == 0 ? 1000 : 0;
        simulation.world().after(simulation.random().nextInt(MAX_DELAY_MILLIS) + late, () -> {
            if (simulation.network().isOpen(from, to)) {
                arrival.run();
            }
        });
    }
}
