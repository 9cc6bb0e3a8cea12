package io.caskade.server.proxy;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.proxy.ForwardingPlan.Step;
import io.caskade.server.proxy.PeerCommands.Attempt;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One request that is being proxied: carries its plan out, step by step, on its partition's event loop.
final class ForwardedCall<T> {

    /// What the old leader sent before it was deposed may still be in transit.
    private static final long OVERTAKEN_MILLIS = 100;

    /// The request, as it is put to a node.
    ///
    /// @param <T> the answer
    interface Question<T> {

        /// Asks this node. May throw what its stage may fail with.
        CompletionStage<T> here();

        /// Asks another node.
        Attempt<T> at(NodeInfo node, long timeoutMillis);
    }

    private final ForwardingPlan plan;
    private final Question<T> question;
    private final CommandProxy proxy;
    private final EventLoop loop;
    private final LongSupplier clock;
    private final ByteBudget.Hold hold;
    private final CompletableFuture<T> answer = new CompletableFuture<>();

    /// Set before the first step.
    private Runnable onEnd = () -> {};

    // Event loop only.
    private @Nullable Attempt<T> attempt;
    private @Nullable NodeInfo asked;

    private boolean pausing;

    /// Counts steps: what belongs to an earlier one comes too late.
    private int steps;

    /// @param hold the request's bytes, released at the end
    /// @param clock the monotonic clock, in milliseconds
    ForwardedCall(
            ForwardingPlan plan,
            Question<T> question,
            CommandProxy proxy,
            EventLoop loop,
            LongSupplier clock,
            ByteBudget.Hold hold) {
        this.plan = plan;
        this.question = question;
        this.proxy = proxy;
        this.loop = loop;
        this.clock = clock;
        this.hold = hold;
    }

    /// Starts it. Called once.
    ///
    /// @param ended called before its answer is complete
    CompletionStage<T> start(Runnable ended) {
        onEnd = ended;
        loop.execute(() -> run(plan.next(clock.getAsLong(), proxy.image())));
        return answer;
    }

    private void run(Step step) {
        steps++;
        attempt = null;
        asked = null;
        pausing = false;
        switch (step) {
            case Step.Here _ -> askHere();
            case Step.Ask(NodeInfo node, long timeoutMillis) -> ask(node, timeoutMillis);
            case Step.Pause(long millis) -> pause(millis);
            case Step.Refuse(Reason reason, String message) -> fail(new CommandRefusedException(reason, message));
        }
    }

    private void askHere() {
        int step = steps;
        CompletionStage<T> here;
        try {
            here = question.here();
        } catch (RuntimeException e) {
            onFailed(null, e);
            return;
        }
        var _ = here.whenComplete((found, failure) -> loop.execute(() -> onAnswer(step, null, found, failure)));
    }

    private void ask(NodeInfo node, long timeoutMillis) {
        int step = steps;
        proxy.countForwarded();
        Attempt<T> begun;
        try {
            begun = question.at(node, timeoutMillis);
        } catch (RuntimeException e) {
            fail(e);
            return;
        }
        attempt = begun;
        asked = node;
        var _ = begun.answer()
                .whenComplete((found, failure) -> loop.execute(() -> onAnswer(step, node, found, failure)));
    }

    private void onAnswer(int step, @Nullable NodeInfo node, @Nullable T found, @Nullable Throwable failure) {
        if (step == steps) {
            if (failure == null) {
                end();
                answer.complete(Objects.requireNonNull(found));
            } else {
                onFailed(node, failure);
            }
        }
    }

    /// @param node the node that was asked; null for this one
    private void onFailed(@Nullable NodeInfo node, Throwable failure) {
        long now = clock.getAsLong();
        switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null -> onFailed(node, wrapped.getCause());
            case CommandRefusedException refused -> run(plan.onRefused(refused, node == null, now, proxy.image()));
            case UnansweredException unanswered when node != null -> run(plan.onUnanswered(unanswered, node, now));
            default -> fail(failure);
        }
    }

    private void pause(long millis) {
        if (proxy.isStopping()) {
            fail(new CommandRefusedException(Reason.NOT_SERVING, "this node is shutting down; nothing was done"));
            return;
        }
        int step = steps;
        pausing = true;
        loop.executeAfter(millis, () -> {
            if (step == steps) {
                resume();
            }
        });
    }

    private void resume() {
        run(plan.next(clock.getAsLong(), proxy.image()));
    }

    /// A new image is known, or the node stops. Any thread.
    void wake() {
        loop.execute(() -> {
            ClusterImage image = proxy.image();
            NodeInfo node = asked;
            Attempt<T> pending = attempt;
            if (pausing) {
                resume();
            } else if (node != null && pending != null && image != null && plan.isOvertaken(node, image)) {
                int step = steps;
                loop.executeAfter(OVERTAKEN_MILLIS, () -> {
                    if (step == steps) {
                        pending.cancel().run();
                    }
                });
            }
        });
    }

    /// Nothing that still comes belongs to it.
    private void end() {
        steps++;
        pausing = false;
        attempt = null;
        asked = null;
        hold.release();
        onEnd.run();
    }

    private void fail(Throwable failure) {
        end();
        answer.completeExceptionally(failure);
    }
}
